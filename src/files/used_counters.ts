/** Which counters have been used, and how often, without keeping all of them. */

/** Counters below the highest one that are told apart, per layer; a power of two. */
const WINDOW = 1 << 17;

/** Layers that are kept. */
const MOST_LAYERS = 32;

/** Counters that have been used once. */
class Layer {
  readonly #bits = new Uint32Array(WINDOW / 32);
  #highest = -Infinity;

  /** True if the counter surely has not been used. */
  isFree(counter: number): boolean {
    if (counter > this.#highest) return true;
    if (counter <= this.#highest - WINDOW) return false;
    return (this.#bits[this.#word(counter)] & this.#bit(counter)) === 0;
  }

  use(counter: number): void {
    if (counter > this.#highest) {
      const step = counter - this.#highest;
      if (step >= WINDOW) this.#bits.fill(0);
      else for (let skipped = this.#highest + 1; skipped < counter; skipped++) this.#clear(skipped);
      this.#highest = counter;
    }
    if (counter > this.#highest - WINDOW) this.#bits[this.#word(counter)] |= this.#bit(counter);
  }

  #clear(counter: number): void {
    this.#bits[this.#word(counter)] &= ~this.#bit(counter);
  }

  #word(counter: number): number {
    return Math.floor(modulo(counter) / 32);
  }

  #bit(counter: number): number {
    return 1 << (modulo(counter) & 31);
  }
}

/**
 * Gives each use of a counter a number of its own: 0 for the first use, and for each further one a number that this counter
 * has not had. Counters mostly grow; for one far below the highest it is not known whether it has been used, and it is taken
 * to be so. Needs at most 512 kB, however many counters there are.
 */
export class UsedCounters {
  readonly #layers: Layer[] = [];
  /** Beyond the layers, each use has a number that no use has had. */
  #last = MOST_LAYERS - 1;

  /** Uses a counter. Returns the number of this use. */
  use(counter: number): number {
    for (let number = 0; number < MOST_LAYERS; number++) {
      const layer = this.#layers[number] ??= new Layer();
      if (!layer.isFree(counter)) continue;
      layer.use(counter);
      return number;
    }
    return ++this.#last;
  }

  /** Takes note of a use from before. */
  note(counter: number, number: number): void {
    if (number >= MOST_LAYERS) {
      this.#last = Math.max(this.#last, number);
      return;
    }
    while (this.#layers.length <= number) this.#layers.push(new Layer());
    this.#layers[number].use(counter);
  }
}

function modulo(counter: number): number {
  return ((counter % WINDOW) + WINDOW) % WINDOW;
}
