/** Order of peaks by priority, with the order that NumPy gives to equal ones. */

/** Ranges whose last index is at most this far from the first are sorted by insertion. */
const SMALL_RANGE = 15;
/** Every level of the stack holds at most half of the level below. */
const STACK_LEVELS = 64;

/**
 * Sorts indices by the values that they stand for, lowest first.
 *
 * The sort is not stable, and where values are equal SciPy's choice of peaks depends on it. So this takes the steps of
 * NumPy's general `argsort`: quicksort with the median of three, the larger part put off, insertion for ranges of up to
 * 16 elements, heap sort for a range that was split too often. (NumPy's vectorised variants for AVX2 and AVX-512 order
 * equal values in other ways.)
 */
export class PriorityOrder {
  /** Indices in order; valid up to the count that was last sorted. */
  readonly indices: Int32Array;
  readonly #starts = new Int32Array(STACK_LEVELS);
  readonly #ends = new Int32Array(STACK_LEVELS);
  readonly #splitsLeft = new Int32Array(STACK_LEVELS);

  /** @param capacity Most values that can be sorted. */
  constructor(capacity: number) {
    this.indices = new Int32Array(capacity);
  }

  /** Sorts the indices 0 … count - 1 by `values`, none of which may be NaN. */
  sort(values: Float64Array, count: number): void {
    const order = this.indices;
    for (let i = 0; i < count; i++) order[i] = i;
    let start = 0;
    let end = count - 1;
    let splitsLeft = count > 0 ? 2 * (31 - Math.clz32(count)) : 0;
    let level = 0;
    while (true) {
      if (splitsLeft < 0) {
        heapSort(order, values, { start, end });
      } else {
        while (end - start > SMALL_RANGE) {
          const middle = partition(order, values, { start, end });
          splitsLeft--;
          const leftIsSmaller = middle - start < end - middle;
          this.#starts[level] = leftIsSmaller ? middle + 1 : start;
          this.#ends[level] = leftIsSmaller ? end : middle - 1;
          this.#splitsLeft[level] = splitsLeft;
          level++;
          if (leftIsSmaller) end = middle - 1;
          else start = middle + 1;
        }
        insertionSort(order, values, { start, end });
      }
      if (level === 0) return;
      level--;
      start = this.#starts[level];
      end = this.#ends[level];
      splitsLeft = this.#splitsLeft[level];
    }
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

function swap(order: Int32Array, i: number, j: number): void {
  const moved = order[i];
  order[i] = order[j];
  order[j] = moved;
}

/** Splits a range around the median of its first, middle and last value; returns where that value lands. */
function partition(order: Int32Array, values: Float64Array, { start, end }: Range): number {
  const middle = start + ((end - start) >> 1);
  if (values[order[middle]] < values[order[start]]) swap(order, middle, start);
  if (values[order[end]] < values[order[middle]]) swap(order, end, middle);
  if (values[order[middle]] < values[order[start]]) swap(order, middle, start);
  const pivot = values[order[middle]];
  swap(order, middle, end - 1);
  let i = start;
  let j = end - 1;
  while (true) {
    do i++; while (values[order[i]] < pivot);
    do j--; while (pivot < values[order[j]]);
    if (i >= j) break;
    swap(order, i, j);
  }
  swap(order, i, end - 1);
  return i;
}

function insertionSort(order: Int32Array, values: Float64Array, { start, end }: Range): void {
  for (let i = start + 1; i <= end; i++) {
    const index = order[i];
    const value = values[index];
    let j = i;
    while (j > start && value < values[order[j - 1]]) {
      order[j] = order[j - 1];
      j--;
    }
    order[j] = index;
  }
}

function heapSort(order: Int32Array, values: Float64Array, { start, end }: Range): void {
  const count = end - start + 1;
  for (let root = count >> 1; root >= 1; root--) {
    siftDown(order, values, { start, root, count, index: order[start + root - 1] });
  }
  for (let remaining = count - 1; remaining >= 1; remaining--) {
    const index = order[start + remaining];
    order[start + remaining] = order[start];
    siftDown(order, values, { start, root: 1, count: remaining, index });
  }
}

/** Lets `index` sink from node `root` (counted from 1) of the heap that begins at `start`. */
function siftDown(
  order: Int32Array,
  values: Float64Array,
  { start, root, count, index }: { start: number; root: number; count: number; index: number },
): void {
  const value = values[index];
  let node = root;
  let child = 2 * root;
  while (child <= count) {
    if (child < count && values[order[start + child - 1]] < values[order[start + child]]) child++;
    if (!(value < values[order[start + child - 1]])) break;
    order[start + node - 1] = order[start + child - 1];
    node = child;
    child *= 2;
  }
  order[start + node - 1] = index;
}
