/**
 * Simulated pulses of a gamma detector behind a Red Pitaya, under their name in mimoCoRB2; the configuration is in
 * ../config.yaml. A spectrum of the Gamma-Spectrum-Database (an HTML page such as Co-60.html) may lie in this folder;
 * without it, the lines of the nuclide are taken.
 */
export { spectrumSource as simulateSource } from "@mimocorb/daq";
