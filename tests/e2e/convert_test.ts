/** `run_daq.ts convert` between all kinds of files. */
import { openEventReader } from "../../src/files/open_event_reader.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { JournalSeriesWriter } from "../../src/files/journal_series.ts";
import { JournalWriter } from "../../src/files/journal_writer.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import { assert, assertEquals, assertGreater, assertMatch, assertStringIncludes } from "../../src/std/assert.js";
import { EVERY_TYPE, kept, type KeptEvent, randomEvents } from "../unit/event_file_fixture.ts";
import { type ProgramOutput, RunningProgram, runProgram, until } from "./run_fixture.ts";

const FILES = `${import.meta.dirname}/../data/files`;

/** Layout with all types, or all but complex numbers, which archives do not have. */
const PLAIN_TYPES = Object.fromEntries(Object.entries(EVERY_TYPE).filter(([, type]) => !type.startsWith("complex")));

type Source = ReturnType<typeof randomEvents>;

/** A folder in which files are converted. */
class Workshop implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "mimocorb_convert_" });

  path(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** Names of everything in it. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  journal(name: string, { layout, events }: Source, options = {}): void {
    using journal = new JournalSeriesWriter(this.path(name), layout, {
      origin: { run: "test", ring: "RB_1" },
      ...options,
    });
    for (const event of events) journal.write(event);
  }

  convert(...args: string[]): Promise<ProgramOutput> {
    return runProgram(["convert", ...args], this.folder);
  }

  /** Converts and expects it to be done without a word of warning. */
  async converted(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.convert(...args);
    assertEquals([code, stderr.replaceAll(/^Note: .*\n/gm, "")], [0, ""], stdout + stderr);
    return stdout + stderr;
  }

  read(name: string, options = {}): KeptEvent[] {
    using reader = openEventReader(this.path(name), options);
    const events: KeptEvent[] = [];
    for (let event = reader.next(); event !== null; event = reader.next()) events.push(kept(event));
    assertEquals(reader.faults, []);
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Random events without what text cannot hold: NaNs other than the plain one, and bytes that are no text. */
function textualEvents(fields: Record<string, string>, events: number): Source {
  const source = randomEvents(fields, { events });
  for (const { data } of source.events) {
    for (const { name, type } of source.layout.fields) {
      const column = data[name];
      for (let i = 0; i < column.length; i++) {
        if (type.kind === "bytes") column[i] = 0x22 + column[i] % 60;
        else if (Number.isNaN(column[i])) column[i] = NaN;
      }
    }
  }
  return source;
}

const unmarked = (events: readonly KeptEvent[]) => events.map((event) => ({ ...event, redelivered: false }));

Deno.test("convert takes waveforms from a journal to a table, an archive and back, bit by bit", async () => {
  await using work = new Workshop();
  const source = randomEvents(PLAIN_TYPES, { valuesPerSlot: 7, events: 60 });
  const wanted = source.events.map(kept);
  work.journal("raw.mjournal", source, { rotateEvents: 25 });
  const text = await work.converted("raw.mjournal", "--to", "parquet");
  assertMatch(text, /^raw.mjournal -> raw: 60 events, \d\.\d\d MB read in \d+\.\d\d s\n$/);
  assertEquals(work.read("raw"), wanted);
  const told = await work.converted("raw", "--to", "tar");
  assertStringIncludes(told, "Note: 12 events are marked as redelivered; an archive of Parquet files has no such mark");
  assertEquals(work.read("raw.tar"), unmarked(wanted));
  await work.converted("raw.tar", "--to", "journal", "-o", "again.mjournal");
  assertEquals(work.read("again.mjournal"), unmarked(wanted));
  await work.converted("raw", "--to", "journal", "-o", "table.mjournal");
  assertEquals(work.read("table.mjournal"), wanted);
  assertEquals(new JournalReader(work.path("table.mjournal")).origin, { run: "test", ring: "RB_1" });
  await work.converted("raw.tar", "--to", "parquet", "-o", "from_tar");
  assertEquals(work.read("from_tar"), unmarked(wanted));
});

Deno.test("convert takes values of every type to text and back, bit by bit", async () => {
  await using work = new Workshop();
  const source = textualEvents(EVERY_TYPE, 80);
  const wanted = unmarked(source.events.map(kept));
  work.journal("raw.mjournal", source);
  const told = await work.converted("raw.mjournal", "--to", "csv");
  assertStringIncludes(told, "Note: 16 events are marked as redelivered; CSV has no such mark");
  const fields = Object.entries(EVERY_TYPE).map(([name, type]) => `${name}: ${type}`).join(", ");
  await work.converted("raw.csv", "--to", "journal", "--fields", fields, "-o", "a.mjournal");
  assertEquals(work.read("a.mjournal"), wanted);
  await work.converted("raw.csv", "--to", "parquet", "--fields", fields, "-o", "table");
  assertEquals(work.read("table"), wanted);
  await work.converted("table", "--to", "csv", "-o", "again.csv");
  assertEquals(Deno.readTextFileSync(work.path("again.csv")), Deno.readTextFileSync(work.path("raw.csv")));
  const guessed = await work.converted("raw.csv", "--to", "journal", "-o", "guessed.mjournal");
  assertStringIncludes(guessed, 'Note: "raw.csv" says nothing of types; taken: a float16: float64, ');
  await work.converted("guessed.mjournal", "--to", "csv", "-o", "third.csv");
  assertEquals(Deno.readTextFileSync(work.path("third.csv")), Deno.readTextFileSync(work.path("raw.csv")));
});

Deno.test("convert reads files of mimoCoRB and mimoCoRB2", async () => {
  await using work = new Workshop();
  const output = await work.convert(
    ...["v2_waveforms.mimo", "v2_every_type.mimo", "v1_recording.tar.bz2"].map((name) => `${FILES}/${name}`),
    ...["--to", "journal", "--output", "made/here"],
  );
  assertEquals([output.code, output.stderr], [0, ""]);
  assertEquals(work.read("made/here/v2_waveforms.mjournal").length, 3);
  const expected = JSON.parse(Deno.readTextFileSync(`${FILES}/v2_mimo.json`));
  assertEquals(
    work.read("made/here/v2_every_type.mjournal"),
    expected.v2_every_type.map((event: object) => ({ ...event, redelivered: false })),
  );
  assertEquals(work.read("made/here/v1_recording.mjournal").length, 2);
});

Deno.test("convert finds the types of a text table in the record of its run", async () => {
  await using work = new Workshop();
  const types = { decay_time: "int32", "1st_chA_h": "float32", flag: "bool" };
  const source = textualEvents(types, 10);
  work.journal("raw.mjournal", source);
  await work.converted("raw.mjournal", "--to", "csv");
  const fields = Object.entries(types).map(([name, type]) => `"${name}: ${type}"`).join(", ");
  Deno.writeTextFileSync(
    work.path("run.yaml"),
    `rings:\n  - {name: RB_1, values_per_slot: 500, fields: ["chA: float32"]}\n` +
      `  - {name: RB_2, values_per_slot: 1, fields: [${fields}]}\n` +
      `functions:\n  - {sources: [RB_2], config: {header_alias: {decay_time: "decay time (ns)"}}}\n`,
  );
  const told = await work.converted("raw.csv", "--to", "journal", "-o", "a.mjournal");
  assertStringIncludes(told, 'Note: the types of "raw.csv" are those of ring RB_2 in the run\'s record');
  assertEquals(work.read("a.mjournal"), unmarked(source.events.map(kept)));
  const titled = Deno.readTextFileSync(work.path("raw.csv")).replace("decay_time", "decay time (ns)");
  Deno.writeTextFileSync(work.path("titled.csv"), titled);
  await work.converted("titled.csv", "--to", "journal");
  assertEquals(work.read("titled.mjournal"), unmarked(source.events.map(kept)));
});

Deno.test("convert refuses what a format cannot hold, and leaves nothing behind", async () => {
  await using work = new Workshop();
  work.journal("waves.mjournal", randomEvents({ chA: "float32" }, { valuesPerSlot: 3, events: 2 }));
  work.journal("complex.mjournal", randomEvents({ z: "complex64" }, { events: 2 }));
  const bytes = randomEvents({ text: "S3" }, { events: 5 });
  bytes.events[3].data.text.set([0xff, 0, 1]);
  for (const { data } of bytes.events.slice(0, 3)) data.text.fill(0x41);
  work.journal("bytes.mjournal", bytes);
  const truth = randomEvents({ hit: "bool" }, { events: 5 });
  truth.events[2].data.hit[0] = 7;
  work.journal("truth.mjournal", truth);
  const before = work.names();
  for (
    const [name, format, message] of [
      ["waves", "csv", /expected one value per field, found 3/],
      ["complex", "tar", /complex64/],
      ["bytes", "csv", /the event with counter 10 as CSV: expected text in UTF-8 in field "text", found ff 00 01/],
      ["truth", "parquet", /the event with counter 7 as Parquet: expected 0 or 1 in field "hit", found 7/],
      ["truth", "tar", /counter 7 as an archive of Parquet files/],
    ] as const
  ) {
    const { code, stdout, stderr } = await work.convert(`${name}.mjournal`, "--to", format);
    assertEquals([code, stdout], [2, ""], stderr);
    assertMatch(stderr, message);
    assert(!stderr.includes(".new"), stderr);
    assertEquals(work.names(), before);
  }
});

Deno.test("convert refuses damage with file and byte, and takes what is whole when told to", async (t) => {
  await using work = new Workshop();
  const source = textualEvents({ height: "float64", hits: "int32" }, 20);
  const counters = source.events.map(({ counter }) => counter);
  const { header } = new JournalWriter(work.path("raw.mjournal"), source.layout);
  Deno.removeSync(work.path("raw.mjournal"));
  work.journal("raw.mjournal", source);
  for (const [format, name] of [["csv", "raw.csv"], ["tar", "raw.tar"], ["parquet", "raw"]]) {
    await work.converted("raw.mjournal", "--to", format);
    assert(work.names().includes(name));
  }
  const event = 2 * header.headerBytes + 4 * header.frameBytes;
  const csv = Deno.readTextFileSync(work.path("raw.csv"));
  const line = csv.split("\n").slice(0, 6).join("\n").length + 1;
  const members = [...Deno.readFileSync(work.path("raw.tar"))].length;
  assertGreater(members, 7 * 1024);
  const cases: [name: string, damage: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array, byte: number, lost: number[]][] =
    [
      ["raw.mjournal", (bytes) => flipped(bytes, event + 44), event, [4]],
      ["raw.mjournal", (bytes) => bytes.subarray(0, event + 5), event, range(4, 20)],
      ["raw.csv", (bytes) => flipped(bytes, line + csv.slice(line).indexOf(",") + 1), line, [5]],
      ["raw.csv", (bytes) => bytes.subarray(0, line + 3), line, range(5, 20)],
    ];
  for (const [i, [name, damage, byte, lost]] of cases.entries()) {
    await t.step(`${name}, case ${i}`, async () => {
      const damaged = `case${i}_${name}`;
      Deno.writeFileSync(work.path(damaged), damage(Deno.readFileSync(work.path(name))));
      const before = work.names();
      const strict = await work.convert(damaged, "--to", "parquet", "-o", `out${i}`);
      assertEquals([strict.code, strict.stdout], [2, ""], strict.stderr);
      assertStringIncludes(strict.stderr, `"${damaged}"`);
      assertStringIncludes(strict.stderr, `at byte ${byte}`);
      assertStringIncludes(strict.stderr, "--salvage takes what is whole");
      assertEquals(work.names(), before);
      const salvaged = await work.convert(damaged, "--to", "parquet", "-o", `out${i}`, "--salvage");
      assertEquals(salvaged.code, 1, salvaged.stderr);
      assertMatch(salvaged.stderr, new RegExp(`^Not whole: "${damaged}", bytes? ${byte}\\b`, "m"));
      assertEquals(work.read(`out${i}`).map(({ counter }) => counter), counters.filter((_, n) => !lost.includes(n)));
    });
  }
  await t.step("an archive with a damaged header", async () => {
    const bytes = Deno.readFileSync(work.path("raw.tar"));
    // The first member is as long as all others.
    const memberBytes = (bytes.length - 1024) / 20;
    Deno.writeFileSync(work.path("bad.tar"), flipped(bytes, 6 * memberBytes + 10));
    const strict = await work.convert("bad.tar", "--to", "journal");
    assertEquals(strict.code, 2);
    assertStringIncludes(strict.stderr, `at byte ${6 * memberBytes} of the unpacked archive`);
    assertEquals(work.names().includes("bad.mjournal"), false);
    const salvaged = await work.convert("bad.tar", "--to", "journal", "--salvage");
    assertEquals(salvaged.code, 1, salvaged.stderr);
    assertEquals(work.read("bad.mjournal").map(({ counter }) => counter), counters.filter((_, n) => n !== 6));
  });
  await t.step("an archive that just stops", async () => {
    Deno.writeFileSync(work.path("cut.tar"), Deno.readFileSync(work.path("raw.tar")).subarray(0, 9000));
    assertEquals((await work.convert("cut.tar", "--to", "journal")).code, 2);
    assertEquals((await work.convert("cut.tar", "--to", "journal", "--salvage")).code, 1);
    assertGreater(work.read("cut.mjournal").length, 2);
  });
  await t.step("files that are nothing at all", async () => {
    for (const name of ["a.mjournal", "a.mimo", "a.tar", "a.csv"]) {
      Deno.writeTextFileSync(work.path(name), "something else\n");
      const { code, stderr } = await work.convert(name, "--to", "journal", "-o", "never.mjournal", "--salvage");
      assertEquals(code, 2, `${name}: ${stderr}`);
      assertMatch(stderr, /^Cannot read "a\.\w+": expected .* at byte 0|^Cannot read "a.tar"/);
      assert(!stderr.includes("    at "), stderr);
    }
  });
});

function flipped(bytes: Uint8Array<ArrayBuffer>, at: number): Uint8Array<ArrayBuffer> {
  bytes[at] ^= 0x40;
  return bytes;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}

Deno.test("convert never overwrites, and takes the files of a journal once", async () => {
  await using work = new Workshop();
  work.journal("raw.mjournal", randomEvents({ a: "int8" }, { events: 30 }), { rotateEvents: 10 });
  const parts = ["raw.mjournal", "raw_0001.mjournal", "raw_0002.mjournal"];
  await work.converted(...parts, "--to", "csv");
  assertEquals(work.names(), ["raw.csv", ...parts]);
  assertEquals(work.read("raw.csv").length, 30);
  const again = await work.convert(...parts, "--to", "csv");
  assertEquals([again.code, again.stdout], [2, ""]);
  assertMatch(
    again.stderr,
    /^Cannot convert "raw.mjournal": expected a name that is not taken yet, found "raw.csv"; name /,
  );
  await work.converted("raw_0001.mjournal", "--to", "csv");
  assertEquals(work.read("raw_0001.csv").length, 10);
  assertEquals((await work.convert("raw.mjournal", "--to", "journal")).code, 2);
  const two = await work.convert("raw.csv", "./raw.mjournal", "--to", "tar");
  assertEquals(two.code, 2);
  assertStringIncludes(two.stderr, "expected an output of its own");
  Deno.writeTextFileSync(work.path("raw.tar.new"), "somebody else's");
  assertEquals((await work.convert("raw.csv", "--to", "tar")).code, 2);
  assertEquals(Deno.readTextFileSync(work.path("raw.tar.new")), "somebody else's");
});

Deno.test("convert explains itself, and refuses what it does not understand", async () => {
  await using work = new Workshop();
  const help = await work.convert("--help");
  assertEquals(help.code, 0);
  assertStringIncludes(help.stdout, "Usage: deno run -A run_daq.ts convert FILE... --to csv|parquet|journal|tar");
  for (
    const args of [[], ["a.csv"], ["a.csv", "--to", "root"], ["a.csv", "--to", "tar", "--overwrite"], [
      "a",
      "--to",
      "csv",
    ]]
  ) {
    const { code, stdout, stderr } = await work.convert(...args);
    assertEquals([code, stdout], [2, ""], stderr);
    assertMatch(stderr, /^Cannot /);
  }
});

Deno.test("convert that is interrupted leaves nothing behind", async () => {
  await using work = new Workshop();
  const layout = recordLayout({ a: "float64" }, 1);
  {
    using journal = new JournalWriter(work.path("raw.mjournal"), layout);
    const data = allocateColumns(layout);
    for (let counter = 0; counter < 3_000_000; counter++) {
      data.a[0] = counter / 7;
      journal.write({ data, counter, timestamp: counter, deadtime: 0 });
    }
  }
  const program = new RunningProgram(["convert", "raw.mjournal", "--to", "csv"], work.folder);
  await until("the conversion to begin", () => work.names().includes("raw.csv.new"));
  program.kill("SIGINT");
  const { code, stderr } = await program.output();
  assertEquals(code, 1, stderr);
  assertStringIncludes(stderr, "found a request to stop");
  assertEquals(work.names(), ["raw.mjournal"]);
});
