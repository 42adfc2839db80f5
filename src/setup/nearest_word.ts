/** Suggestions for words that were probably misspelled. */

function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[\s_-]/g, "");
}

/**
 * Counts the insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal
 * string alignment; no part of a word is edited twice).
 */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      row[j] = Math.min(replace, last[j] + 1, row[j - 1] + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length];
}

/**
 * Finds the valid word that was probably meant.
 *
 * @param word What was written.
 * @param words Valid words; the first of several equally near ones wins.
 * @returns The nearest word, or null if none is near: at most one edit in three letters and never more than three;
 *   capitals, blanks, `_` and `-` do not count.
 */
export function nearestWord(word: string, words: Iterable<string>): string | null {
  const written = plain(word);
  if (written === "" || written.length > 100) return null;
  let nearest: string | null = null;
  let least = Math.min(3, Math.floor(written.length / 3)) + 1;
  for (const candidate of words) {
    if (Math.abs(candidate.length - word.length) > 12) continue;
    const distance = editDistance(written, plain(candidate));
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}
