/**
 * Source of waveforms from a PicoScope. Its configuration, section `picoscope_source`:
 *
 *     device: simulated            auto, simulated, or a serial number
 *     sample_time_ns: 8            time between samples
 *     channels: { A: { range_mV: 500 }, B: { range_mV: 500 } }
 *     pre_trigger_samples: 200     samples before the trigger
 *     trigger_channel: A           A to H, EXT, or none
 *     trigger_level_mV: 60
 *
 * docs/picoscope.md has all keys.
 */
export { picoscopeSource } from "@mimocorb/daq";
