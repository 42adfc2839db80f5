/**
 * Display of waveforms: shows the newest event, and writes it as waveform_<ring>.svg. Its configuration, section
 * `plot_waveform`:
 *
 *     sample_time_ns: 4            time between samples
 *     title: ""                    headline
 *     min_sleeptime: 1.0           s, least time between two displays
 *     channel_range: 500           mV to both sides of 0
 *     analogue_offset: 0           V, taken off the signal
 *     pre_trigger_samples: 0       samples before the trigger
 *     trigger_level:               mV with the offset in it, drawn if given
 *     trigger_channel: "", trigger_direction: ""   texts beside the level
 */
export { plotWaveform } from "@mimocorb/daq";
