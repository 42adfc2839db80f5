/** Numbers as a person at the experiment reads them. */

/**
 * Writes a duration: `4.213 s`, `14.2 s`, `3 min 05 s`, `2 h 07 min`.
 *
 * @param seconds The duration.
 * @param decimals Decimals of durations below a minute. @default 3 below 10 s, otherwise 1
 */
export function formatDuration(seconds: number, decimals: number = seconds < 9.9995 ? 3 : 1): string {
  if (seconds < 59.95) return `${seconds.toFixed(decimals)} s`;
  const whole = Math.round(seconds);
  const pad = (n: number) => String(n).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${pad(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${pad(Math.floor(whole / 60) % 60)} min`;
}

/** Writes a rate with three significant digits: `0.25 Hz`, `302 Hz`, `15.2 kHz`, `1.20 MHz`. */
export function formatRate(rateHz: number): string {
  if (!(rateHz > 0)) return "0 Hz";
  const [value, unit] = rateHz >= 999.5e3
    ? [rateHz / 1e6, "MHz"]
    : rateHz >= 999.5
    ? [rateHz / 1e3, "kHz"]
    : [rateHz, "Hz"];
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

/** Writes a fraction in percent with one digit; unknown values (negative or not a number) as a dash. */
export function formatPercent(fraction: number): string {
  return fraction >= 0 ? `${(100 * fraction).toFixed(1)} %` : "-";
}

/** Characters of a bar: full, empty. */
export type BarGlyphs = readonly [full: string, empty: string];

/** Bars for terminals with and without Unicode. */
export const BLOCK_GLYPHS: BarGlyphs = ["█", "░"];
export const ASCII_GLYPHS: BarGlyphs = ["#", "."];

/** Draws a fraction as a bar of `width` characters. A fraction above 0 shows at least one, below 1 not all of them. */
export function fillBar(fraction: number, width: number, glyphs: BarGlyphs = ASCII_GLYPHS): string {
  let full = Math.round(Math.min(1, Math.max(0, fraction || 0)) * width);
  if (fraction > 0) full = Math.max(full, 1);
  if (!(fraction >= 1)) full = Math.min(full, width - 1);
  return glyphs[0].repeat(full) + glyphs[1].repeat(width - full);
}

/** Lays out rows of cells in columns; numbers-only columns may be right-aligned by the caller with `padStart`. */
export function textTable(rows: readonly (readonly string[])[], indent = "  "): string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, cell.length));
  return rows.map((row) => (indent + row.map((cell, i) => cell.padEnd(widths[i])).join("  ")).trimEnd());
}

/** Fills lines up to a width with words, two blanks between them. */
export function wrapWords(words: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const word of words) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 2 + word.length <= width) lines[lines.length - 1] = `${last}  ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Breaks a text between its words into lines of a width, the first one indented as told and all later ones by two more. */
export function wrapText(text: string, width: number, indent = ""): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = lines.length === 0 ? indent : `${indent}  `;
    let isEmpty = true;
    for (const word of paragraph.split(" ")) {
      if (!isEmpty && line.length + 1 + word.length > width) {
        lines.push(line);
        line = `${indent}  `;
        isEmpty = true;
      }
      line += isEmpty ? word : ` ${word}`;
      isEmpty = false;
    }
    lines.push(line);
  }
  return lines;
}

/** Writes a moment as ISO 8601 in the machine's own zone, to the millisecond: `2026-03-01T14:05:09.120+01:00`. */
export function formatLocalTime(date: Date): string {
  const offsetMin = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offsetMin * 60_000).toISOString().slice(0, -1);
  const pad = (n: number) => String(n).padStart(2, "0");
  const hours = pad(Math.floor(Math.abs(offsetMin) / 60));
  return `${local}${offsetMin < 0 ? "-" : "+"}${hours}:${pad(Math.abs(offsetMin) % 60)}`;
}

const ESCAPE = "\\x1b\\[[0-9;]*[A-Za-z]";

/** Removes the escape codes of terminals, which the engine puts into the texts of some of its errors. */
export function withoutEscapes(text: string): string {
  return text.replaceAll(new RegExp(ESCAPE, "g"), "");
}

/** Writes a number with its noun: `1 slot`, `2 slots`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
