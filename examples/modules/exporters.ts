/**
 * Exporters. Their configurations:
 *
 *     save_to_txt:                 one line per event, for rings with one value per field
 *       filename: "pulses"         <run directory>/pulses.txt
 *       header_alias: {counter: "event id"}   titles of columns
 *     save_parquet:                one Parquet file per event in an archive
 *       filename: "waveforms"      <run directory>/waveforms.tar
 *     drain:                       for rings that nobody else reads
 */
export { drain, saveParquet, saveToTxt } from "@mimocorb/daq";
