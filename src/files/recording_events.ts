/** Events of a tar archive of Parquet files whose layout is not known beforehand. */
import type { FieldType } from "../record/field_type.ts";
import { allocateColumns, type Columns, type RecordLayout, recordLayout } from "../record/record_layout.ts";
import { DamagedFileError, type FileFault } from "./damaged_file_error.ts";
import type { EventReader, StoredEvent } from "./event_reader.ts";
import { type ParquetFile, ParquetReader } from "./parquet_reader.ts";
import { counterOfName } from "./recording_name.ts";
import { ReusedEvent } from "./stored_event.ts";
import { wholeBlocks } from "./tar_header.ts";
import { type TarMember, TarReader } from "./tar_reader.ts";

/** Options of {@linkcode RecordingEvents}. */
export interface RecordingEventsOptions {
  /** Pass over what is damaged. @default {false: damage is an error, but for an archive that just stops} */
  salvage?: boolean;
  /** Gets a sentence for each member that is no Parquet file. @default {no notices} */
  onNotice?: (text: string) => void;
}

/**
 * Reads an archive as `RecordingWriter` or mimoCoRB 1.0.2 wrote it; plain, or packed with gzip or bzip2. The first member
 * says what the events are, and all others must be like it. The format has no checksums for values. All calls are
 * synchronous.
 */
export class RecordingEvents implements EventReader {
  readonly layout: RecordLayout;
  readonly byteLength: number;
  readonly #path: string;
  readonly #salvage: boolean;
  readonly #onNotice: (text: string) => void;
  readonly #tar: TarReader;
  readonly #parquet = new ParquetReader();
  readonly #faults: FileFault[] = [];
  readonly #event = new ReusedEvent();
  readonly #data: Columns;
  /** The first member, whose layout is known before its event is asked for. */
  #first: TarMember | null;
  #number = 0;

  /**
   * Opens an archive and reads the form of its first member.
   *
   * @throws {DamagedFileError} If that is damaged.
   * @throws {TypeError} If it has columns that are no numbers.
   * @throws {Error} If there is no such archive, or nothing in it; the message names it.
   */
  constructor(path: string, options: RecordingEventsOptions = {}) {
    const { salvage = false, onNotice = () => {} } = options;
    this.#path = path;
    this.#salvage = salvage;
    this.#onNotice = onNotice;
    const onDamage = ({ offset, byteLength }: { offset: number; byteLength: number }) =>
      this.#found({ offset, byteLength, reason: "no header of an archive", events: null });
    this.#tar = new TarReader(path, salvage ? { onDamage } : {});
    try {
      const found = this.#firstMember();
      this.#first = found.member;
      this.layout = found.layout;
      this.byteLength = Deno.statSync(path).size;
    } catch (error) {
      this.#tar.close();
      throw error;
    }
    this.#data = allocateColumns(this.layout);
    this.#event.data = this.#data;
  }

  /** What was found so far that is not whole. */
  get faults(): readonly FileFault[] {
    return this.#faults;
  }

  /** Bytes of the unpacked archive that were read. */
  get position(): number {
    return this.#tar.offset;
  }

  /**
   * Reads the next event; see {@linkcode EventReader.next}.
   *
   * @throws {DamagedFileError} If a member is damaged and `salvage` is not set.
   * @throws {Error} If the archive is damaged and `salvage` is not set, or cannot be read.
   */
  next(target: Columns = this.#data): StoredEvent | null {
    for (let member = this.#nextMember(); member !== null; member = this.#nextMember()) {
      const number = this.#number++;
      const file = this.#whole(member, (file) => {
        this.#checkForm(file);
        for (const field of this.layout.fields) file.copyColumn(field, target[field.name]);
      });
      if (file === null) continue;
      const { counter, timestamp, deadtime } = file.attributes;
      const event = this.#event;
      event.data = target;
      event.counter = typeof counter === "number" ? counter : counterOfName(member.name) ?? number;
      event.timestamp = typeof timestamp === "number" ? timestamp : -1;
      event.deadtime = typeof deadtime === "number" ? deadtime : -1;
      return event;
    }
    return null;
  }

  /** Closes the archive; nothing more can be read. Idempotent. */
  close(): void {
    this.#first = null;
    this.#tar.close();
  }

  /** Same as {@linkcode RecordingEvents.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #firstMember(): { member: TarMember; layout: RecordLayout } {
    for (let member = this.#nextMember(); member !== null; member = this.#nextMember()) {
      let layout: RecordLayout | null = null;
      const file = this.#whole(member, (file) => {
        layout = layoutOf(file, this.#path);
      });
      if (file !== null && layout !== null) return { member, layout };
    }
    throw new Error(`Cannot read "${this.#path}": expected Parquet files in the archive, found none that is whole`);
  }

  #nextMember(): TarMember | null {
    if (this.#first !== undefined && this.#first !== null) {
      const member = this.#first;
      this.#first = null;
      return member;
    }
    for (;;) {
      const member = this.#tar.next();
      if (member === null) {
        const { notice, offset } = this.#tar;
        if (notice !== null) this.#found({ offset, byteLength: 0, reason: notice, events: null, isTail: true });
        return null;
      }
      if (member.name.endsWith(".parquet")) return member;
      this.#onNotice(`"${member.name}" in "${this.#path}" is no Parquet file; it is left out`);
    }
  }

  /** Opens and uses a member; null if it is damaged. */
  #whole(member: TarMember, use: (file: ParquetFile) => void): ParquetFile | null {
    try {
      const file = this.#parquet.open(member.data, `${this.#path}: ${member.name}`);
      use(file);
      return file;
    } catch (error) {
      const reason = `a damaged member "${member.name}" (${error instanceof Error ? error.message : String(error)})`;
      const byteLength = wholeBlocks(member.data.length);
      this.#found({ offset: member.offset, byteLength, reason, events: 1 });
      return null;
    }
  }

  #checkForm(file: ParquetFile): void {
    const { fields, valuesPerSlot } = this.layout;
    const isSame = file.rows === valuesPerSlot && fields.every(({ name }) => file.fields.includes(name));
    if (isSame) return;
    throw new TypeError(`${file.rows} values of ${file.fields.join(", ")}, not as in the first member`);
  }

  #found(fault: Omit<FileFault, "path" | "isTail"> & { readonly isTail?: boolean }): void {
    const whole: FileFault = { isTail: false, ...fault, path: this.#path };
    if (!this.#salvage && !whole.isTail) throw new DamagedFileError(whole, "an archive that is whole");
    const last = this.#faults.at(-1);
    if (!(last?.isTail && whole.isTail)) this.#faults.push(whole);
  }
}

function layoutOf(file: ParquetFile, path: string): RecordLayout {
  const types = new Map<string, string>();
  for (const name of file.fields) {
    const type: FieldType | null = file.fieldType(name);
    if (type === null) {
      throw new TypeError(`Cannot read "${path}": expected numbers or bytes in all columns, found others in "${name}"`);
    }
    types.set(name, type.name);
  }
  return recordLayout(types, file.rows);
}
