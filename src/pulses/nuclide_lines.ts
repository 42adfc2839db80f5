/** Gamma lines of the sources that laboratories have. */

/** One line: energy in keV, and photons per 100 decays. */
export type NuclideLine = readonly [energyKev: number, intensity: number];

/** Evaluated nuclear data, strong lines only; Ra-226 together with what it decays into. */
const NUCLIDE_LINES: Readonly<Record<string, readonly NuclideLine[]>> = {
  "Am-241": [[59.5, 35.9]],
  "Ba-133": [[81, 33.3], [276.4, 7.1], [302.9, 18.3], [356, 62.1], [383.8, 8.9]],
  "Bi-207": [[569.7, 97.8], [1063.7, 74.5], [1770.2, 6.9]],
  "Co-57": [[122.1, 85.6], [136.5, 10.7]],
  "Co-60": [[1173.2, 99.85], [1332.5, 99.98]],
  "Cs-137": [[661.7, 85.1]],
  "Eu-152": [
    [121.8, 28.5],
    [244.7, 7.6],
    [344.3, 26.6],
    [778.9, 12.9],
    [867.4, 4.2],
    [964.1, 14.5],
    [1085.9, 10.1],
    [1112.1, 13.7],
    [1408, 20.9],
  ],
  "K-40": [[1460.8, 10.7]],
  "Lu-176": [[88.3, 14.5], [201.8, 78], [306.8, 93.6]],
  "Mn-54": [[834.8, 100]],
  "Na-22": [[511, 180.7], [1274.5, 99.9]],
  "Ra-226": [[186.2, 3.6], [242, 7.3], [295.2, 18.4], [351.9, 35.6], [609.3, 45.5], [1120.3, 14.9], [1764.5, 15.3]],
};

/** Names of the nuclides that {@linkcode nuclideLines} knows. */
export const NUCLIDES: readonly string[] = Object.keys(NUCLIDE_LINES);

/** Lines of a nuclide by its name (`Co-60`, also `co60`); null if it is not known. */
export function nuclideLines(name: string): readonly NuclideLine[] | null {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  const known = NUCLIDES.find((nuclide) => plain(nuclide) === plain(name));
  return known === undefined ? null : NUCLIDE_LINES[known];
}
