/** Search for the double pulses of stopped muons; its configuration is in configs/config.yaml. */
export { calculateDecayTime } from "@mimocorb/daq";
