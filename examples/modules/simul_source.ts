/**
 * Source of simulated muon events. Its configuration, section `simulation_source`:
 *
 *     number_of_samples: 4250      samples per event, as in the ring
 *     sample_time_ns: 4            time between samples
 *     analogue_offset: -0.48       V, baseline
 *     pre_trigger_samples: 500     position of the muon's pulse
 *     trigger_level: -440          mV, with the offset in it
 *     sleeptime: 0.1               s, mean time between events
 *     random: false                true: exponential times between events
 *     events_required: 0           events in all, 0: without end
 *     seed:                        a number makes the events repeatable
 *     pulseHeight: 250, pulseSpread: 75, pulseWindow: 100, prbInteraction: 0.95, prb2ndPulse: 0.1
 *
 * How a source of one's own looks: ../v2/simple/functions.ts.
 */
export { simulationSource } from "@mimocorb/daq";
