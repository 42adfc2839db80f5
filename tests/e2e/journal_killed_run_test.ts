/** Runs that store their events in a journal and are killed: each event is in the journal or among the recovered ones. */
import { join } from "node:path";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertGreater } from "../../src/std/assert.js";
import { assertBooksClose, runProgram, TestRun, until } from "./run_fixture.ts";

const KILLS = 5;

/** Counters of the events of a journal; those that are marked as redelivered apart. */
function counters(path: string): { plain: number[]; redelivered: number[] } {
  using journal = new JournalReader(path);
  const found = { plain: [] as number[], redelivered: [] as number[] };
  for (const { counter, data, redelivered } of journal) {
    assertEquals(data.data[0], counter);
    (redelivered ? found.redelivered : found.plain).push(counter);
  }
  assertEquals(journal.faults, []);
  return found;
}

Deno.test(`a run that is killed loses no event that its ring had, ${KILLS} times at any moment`, async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  for (let kill = 0; kill < KILLS; kill++) {
    await using run = await TestRun.create([
      { name: "count_source", write: [1], config: { events: 0 } },
      {
        name: "save_journal",
        read: [1],
        config: { filename: "raw", rotate_events: 3000 },
        keys: { file_name: "exporters" },
      },
    ], { slots: [64] });
    const program = run.start("--web", "off");
    const isWritten = () => {
      try {
        return Deno.statSync(join(run.runDirectories[0], "raw.mjournal")).size > 5000;
      } catch {
        return false;
      }
    };
    await until("events in the journal", isWritten);
    await new Promise((resolve) => setTimeout(resolve, 300 * random.uniform()));
    program.kill("SIGKILL");
    await program.output();
    await run.untilNoProcesses();
    const [directory] = run.runDirectories;
    const { code, stdout, stderr } = await runProgram(["recover", directory], run.directory);
    assertEquals(code, 0, stdout + stderr);
    const record = run.record();
    assertBooksClose(record);
    const [{ published, groups: [group] }] = record.ledger;
    const raw = counters(join(directory, "raw"));
    const saved = [...Deno.readDirSync(directory)].some(({ name }) => name === "recovered")
      ? [...Deno.readDirSync(join(directory, "recovered"))].map(({ name }) =>
        counters(join(directory, "recovered", name))
      )
      : [];
    // What the worker was about to release is in both, and marked as redelivered in what was recovered.
    const all = [...raw.plain, ...saved.flatMap(({ plain }) => plain), ...saved.flatMap((file) => file.redelivered)];
    assertEquals([...new Set(all)].sort((a, b) => a - b), [...Array(published).keys()], `seed ${seed}, kill ${kill}`);
    const once = new Set([...raw.plain, ...saved.flatMap(({ plain }) => plain)]);
    assertEquals(
      once.size,
      raw.plain.length + saved.flatMap(({ plain }) => plain).length,
      "events twice without a mark",
    );
    assert(raw.plain.length >= group.processed && raw.plain.length <= group.processed + 1);
    assertGreater(raw.plain.length, 20);
  }
});
