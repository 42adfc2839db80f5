/**
 * Source of recorded events. Its configuration, section `tar_parquet_source`:
 *
 *     path: "target/lifetime_…/simulated_data.tar"   an archive, or a folder with archives
 *     number_of_samples: 4250      samples per event, as in the ring
 *     sleeptime: 0.1               s, mean time between events
 *     random: false                true: exponential times between events
 *     original_metadata: false     true: counters and times of the recording
 */
export { tarParquetSource } from "@mimocorb/daq";
