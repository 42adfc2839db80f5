/**
 * Sources of recorded events: `file_source` reads files of all formats. Its configuration:
 *
 *     filename: "target/lifetime_…/muon_lifetime.txt"   an archive, a Parquet table, a text table, or a folder with archives
 *     pacing: "poisson"            fast, original, fixed or poisson
 *     rate: 100                    Hz, for fixed and poisson
 *     original_metadata: true      counters and times of the file
 *
 * Configuration of `tar_parquet_source`:
 *
 *     path: "target/lifetime_…/simulated_data.tar"   an archive, or a folder with archives
 *     number_of_samples: 4250      samples per event, as in the ring
 *     sleeptime: 0.1               s, mean time between events
 *     random: false                true: exponential times between events
 *     original_metadata: false     true: counters and times of the recording
 */
export { fileSource, tarParquetSource } from "@mimocorb/daq";
