/** Processes that write a journal and are killed at random times: what they said to be in the file is in it. */
import { completeJournal } from "../../src/files/journal_completion.ts";
import { partPaths } from "../../src/files/journal_parts.ts";
import { JournalReader } from "../../src/files/journal_reader.ts";
import { Random } from "../../src/pulses/random.ts";
import { assert, assertEquals, assertGreater } from "../../src/std/assert.js";
import { isWhole } from "./journal_writing.ts";

const KILLS = 16;
const WRITER = `${import.meta.dirname}/journal_writing_process.ts`;

/** Lets a process write until it is killed; returns the counter of the last event that it said to be in the file. */
async function writeUntilKilled(path: string, options: { first: number; delayMs: number }): Promise<number> {
  const { first, delayMs } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", WRITER, path, String(first), "400"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let bytes = 0;
  let last = first - 1;
  let isKilled = false;
  const rest: number[] = [];
  for await (const chunk of child.stdout) {
    for (const byte of chunk) {
      rest.push(byte);
      if (rest.length < 4) continue;
      last = new DataView(Uint8Array.from(rest).buffer).getInt32(0, true);
      rest.length = 0;
    }
    bytes += chunk.length;
    if (isKilled) continue;
    isKilled = true;
    setTimeout(() => child.kill("SIGKILL"), delayMs);
  }
  const { signal } = await child.status;
  assertEquals(signal, "SIGKILL", `after ${bytes} bytes`);
  return last;
}

/** Checks all events; returns the counter of the last one. */
function lastCounter(path: string): number {
  using journal = new JournalReader(path);
  let next = 0;
  for (let event = journal.next(); event !== null; event = journal.next()) {
    assertEquals([event.counter, event.number, event.timestamp], [next, next, next / 8]);
    assert(isWhole(event.data, next), `event ${next}`);
    next++;
  }
  assertEquals(journal.faults.filter(({ isTail }) => !isTail), []);
  return next - 1;
}

Deno.test(`a journal whose writer is killed ${KILLS} times at any moment loses nothing that was in it`, async () => {
  const folder = Deno.makeTempDirSync();
  const seed = crypto.getRandomValues(new Uint32Array(1))[0];
  console.log(`seed ${seed}`);
  const random = new Random(seed);
  try {
    const path = `${folder}/raw.mjournal`;
    let last = -1;
    for (let kill = 0; kill < KILLS; kill++) {
      const said = await writeUntilKilled(path, { first: last + 1, delayMs: random.uniform() * 60 });
      assertGreater(said, last);
      last = lastCounter(path);
      assert(last === said || last === said + 1, `${last} in the file, ${said} said`);
      if (kill % 2 === 0) continue; // The next process goes on with what was left, or with what was completed.
      for (const part of partPaths(path)) completeJournal(part.path);
      assertEquals(lastCounter(path), last);
      assert(partPaths(path).every((part) => completeJournal(part.path).wasComplete));
    }
    assertGreater(partPaths(path).length, 1);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
