/**
 * Source of simulated muon events under its name in mimoCoRB2; its configuration is in configs/config.yaml. How a source
 * of one's own looks: ../../simple/functions.ts.
 */
export { simulationSource as simulateSource } from "@mimocorb/daq";
