import { assert, assertEquals, assertGreater, assertMatch } from "../../src/std/assert.js";
import { assertBooksClose, PROGRAM, type TestFunction, TestRun, unfinishedEvents, until } from "./run_fixture.ts";

const ESCAPE = "\x1b[";

/** Programs that run a command on a pseudo-terminal, and pass their standard input on to it as if it were typed. */
const TERMINALS: readonly ((command: string) => [program: string, args: string[]])[] = [
  (command) => ["script", ["-qec", command, "/dev/null"]],
  (command) => [
    "python3",
    ["-c", "import pty,sys,os; sys.exit(os.waitstatus_to_exitcode(pty.spawn(['sh','-c',sys.argv[1]])))", command],
  ],
];

const terminal = TERMINALS.find((wrap) => isThere(wrap("")[0])) ?? null;

function isThere(program: string): boolean {
  try {
    return new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}

function terminalTest(name: string, fn: () => Promise<void>): void {
  const reason = terminal === null ? " (skipped: neither script nor python3 is there)" : "";
  Deno.test({ name: name + reason, ignore: terminal === null, fn });
}

/** A shell command on a pseudo-terminal, with hands and eyes. */
class Terminal {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #seen: Promise<void>;
  readonly #watchdog: ReturnType<typeof setTimeout>;
  screen = "";

  constructor(command: string, cwd: string, env: Record<string, string> = {}) {
    const [program, args] = terminal!(command);
    const options = { args, cwd, env: { TERM: "xterm", ...env } };
    this.#child = new Deno.Command(program, { ...options, stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
    this.#keys = this.#child.stdin.getWriter();
    this.#watchdog = setTimeout(() => this.#child.kill("SIGKILL"), 60_000);
    this.#seen = this.#look();
  }

  async type(keys: string): Promise<void> {
    await this.#keys.write(new TextEncoder().encode(keys));
  }

  async shows(text: string): Promise<void> {
    await until(`"${text}" on the screen, which shows:\n${this.screen}`, () => this.screen.includes(text));
  }

  /** Waits for the command's end; standard input stays open all the time. */
  async end(): Promise<number> {
    const [{ code }] = await Promise.all([this.#child.status, this.#seen, this.#child.stderr.cancel()]);
    clearTimeout(this.#watchdog);
    await this.#keys.close().catch(() => {});
    return code;
  }

  async #look(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of this.#child.stdout) this.screen += decoder.decode(chunk, { stream: true });
  }
}

function endless(readerSleepS = 0): TestFunction[] {
  return [
    { name: "countSource", write: [1], config: { sleep_s: 0.002 } },
    { name: "collect", read: [1], config: { sleep_s: readerSleepS } },
  ];
}

/** The trap keeps the shell itself alive at Ctrl-C: some shells, dash among them, would end with 130 before the program has. */
function command(run: string): string {
  return `trap : INT; stty -a > before; '${Deno.execPath()}' run -A --quiet '${PROGRAM}' test_setup.yaml ${run}; code=$?; stty -a > after; exit $code`;
}

async function assertTerminalRestored(run: TestRun): Promise<void> {
  const [before, after] = await Promise.all(
    ["before", "after"].map((name) => Deno.readTextFile(`${run.directory}/${name}`)),
  );
  assert(before.includes("icanon"), before);
  assertEquals(after, before);
}

terminalTest("run_daq on a terminal takes the keys p, r and s and leaves the terminal as it was", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const screen = new Terminal(command("--runevents 1000000"), run.directory);
  await screen.shows("Running");
  await screen.shows("left");
  await screen.type("x");
  await screen.type("p");
  await screen.shows("Paused");
  await new Promise((resolve) => setTimeout(resolve, 300));
  const before = screen.screen.length;
  await screen.type("R");
  await until("the run to go on", () => screen.screen.slice(before).includes("Running"));
  await screen.type("s");
  assertEquals(await screen.end(), 0, screen.screen);
  assertMatch(screen.screen, /Run complete: stopped by the user/);
  const record = run.record();
  assertBooksClose(record);
  assertEquals(unfinishedEvents(record), 0);
  assertGreater(record.end.paused_s, 0.2);
  await assertTerminalRestored(run);
});

terminalTest("run_daq on a terminal ends at once at the key e", async () => {
  await using run = await TestRun.create(endless(0.2), { slots: [64] });
  const screen = new Terminal(command(""), run.directory, { NO_COLOR: "1" });
  await screen.shows("Running");
  await until("events in the ring", () => /[1-9]\d\/64/.test(screen.screen));
  await screen.type("E");
  assertEquals(await screen.end(), 1, screen.screen);
  assertMatch(screen.screen, /Run failed: ended by the user/);
  assert(screen.screen.includes(ESCAPE), "the state was not drawn in place");
  assert(
    !screen.screen.includes(`${ESCAPE}1;`) && !screen.screen.includes(`${ESCAPE}0m`),
    "colours in spite of NO_COLOR",
  );
  const record = run.record();
  assertBooksClose(record);
  assertGreater(unfinishedEvents(record), 0);
  await assertTerminalRestored(run);
});

terminalTest("run_daq on a terminal stops at Ctrl-C and restores the terminal", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const screen = new Terminal(command(""), run.directory);
  await screen.shows("Running");
  await screen.type("\x03");
  assertEquals(await screen.end(), 0, screen.screen);
  assertMatch(screen.screen, /Run complete: stopped by SIGINT/);
  await assertTerminalRestored(run);
});

terminalTest("run_daq on a terminal ends by itself with nobody typing", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const screen = new Terminal(command("--runevents 20"), run.directory);
  assertEquals(await screen.end(), 0, screen.screen);
  assertEquals(run.record().ledger[0].published, 20);
  await assertTerminalRestored(run);
});

terminalTest("run_daq takes no keys with --no-keyboard or KBD_control: false", async () => {
  for (const [option, top] of [["--no-keyboard", {}], ["", { KBD_control: false }]] as const) {
    await using run = await TestRun.create(endless(), { slots: [16], top });
    const screen = new Terminal(command(`${option} --runtime 0.5`), run.directory);
    await screen.shows("Running");
    await screen.type("s");
    assertEquals(await screen.end(), 0, screen.screen);
    assertEquals(run.record().end.stop_cause, "runtime");
    assert(!screen.screen.includes("p pause"), screen.screen);
    await assertTerminalRestored(run);
  }
});

terminalTest("run_daq in the background neither stops nor touches the terminal", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const program = `'${Deno.execPath()}' run -A --quiet '${PROGRAM}' test_setup.yaml --runevents 100 > out 2>&1`;
  const screen = new Terminal(
    `set -m; stty -a > before; ${program} & wait $!; code=$?; stty -a > after; exit $code`,
    run.directory,
  );
  assertEquals(await screen.end(), 0, screen.screen);
  assertEquals(run.record().ledger[0].published, 100);
  await assertTerminalRestored(run);
});

terminalTest("run_daq in the background writes plain lines to its terminal and takes no keys", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const program = `'${Deno.execPath()}' run -A --quiet '${PROGRAM}' test_setup.yaml --runevents 100`;
  const screen = new Terminal(`set -m; ${program} & wait $!`, run.directory);
  assertEquals(await screen.end(), 0, screen.screen);
  assertMatch(screen.screen, /Run complete: 100 events reached/);
  assert(!screen.screen.includes(ESCAPE) && !screen.screen.includes("p pause"), screen.screen);
});

terminalTest("run_daq restores the terminal when a function fails", async () => {
  await using run = await TestRun.create([...endless(), { name: "throws_at_start", read: [1], write: [2] }, {
    name: "collect",
    read: [2],
  }]);
  const screen = new Terminal(command(""), run.directory);
  assertEquals(await screen.end(), 1, screen.screen);
  assertMatch(screen.screen, /no luck at the start/);
  await assertTerminalRestored(run);
});

terminalTest("run_daq on a terminal takes commands on a line opened with a colon", async () => {
  await using run = await TestRun.create(endless(), { slots: [16] });
  const screen = new Terminal(command(""), run.directory, { NO_COLOR: "1" });
  await screen.shows("Running");
  await screen.shows(": command");
  await screen.type(":paus");
  await screen.shows(":paus_");
  // Keys of the run are letters here; Tab completes the word.
  await screen.type("\tRB_1\r");
  await screen.shows("RB_1: paused");
  await screen.type(":\x1b[A");
  await screen.shows(":pause RB_1_");
  await screen.type("\x15resume RB_1\r");
  await screen.shows("RB_1: resumed");
  await screen.type(":workers\r");
  await screen.shows("collect      running");
  await screen.type(":help\r");
  await screen.shows("log debug|info|warn|error");
  await screen.type(":pasue\r");
  await screen.shows('perhaps "pause"');
  await screen.type(":end");
  await screen.shows(":end_");
  await screen.type("\x1b");
  await screen.type("p");
  await screen.shows("Paused");
  await screen.type(":stop\r");
  assertEquals(await screen.end(), 0, screen.screen);
  assertMatch(screen.screen, /Run complete: stopped by the user/);
  await assertTerminalRestored(run);
});
