/**
 * Display of distributions: fills histograms of all events, and writes them as histograms_<ring>.svg and .csv. Its
 * configuration, section `plot_histograms`:
 *
 *     title: "Histograms"          headline
 *     interval: 2.0                s, least time between two displays
 *     histograms:
 *       field: [min, max, bins, top, "label", 0 linear or 1 logarithmic]
 */
export { plotHistograms } from "@mimocorb/daq";
