/** Cells of a line of a text table. */

/** Splits a line at its separators; cells may be quoted (RFC 4180), and then hold them. */
export function cellsOf(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const cells: string[] = [];
  // A cell is quoted, with doubled quotes inside, or has no quotes at its ends.
  const cell = new RegExp(`(?:"((?:[^"]|"")*)"|([^${separator}]*))(${separator}|$)`, "y");
  for (let found = cell.exec(line); found !== null; found = cell.exec(line)) {
    cells.push(found[1] === undefined ? found[2] : found[1].replaceAll('""', '"'));
    if (found[3] === "") break;
  }
  return cells;
}
