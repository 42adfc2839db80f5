/** Chooses the display that fits where the program runs. */
import { isInBackground } from "./keyboard.ts";
import { LiveDisplay } from "./live_display.ts";
import { PlainDisplay, writeTo } from "./plain_display.ts";
import type { RunDisplay, Verbosity } from "./run_display.ts";
import { ASCII_GLYPHS, BLOCK_GLYPHS } from "./text_format.ts";

/** Size that is assumed if a terminal does not tell. */
const USUAL_SIZE = { columns: 80, rows: 24 };

/** Characters that fit into a line of standard output; null if it is no terminal. */
export function reportWidth(): number | null {
  return Deno.stdout.isTerminal() ? terminalSize().columns : null;
}

/**
 * Opens the live display on a terminal and the plain one everywhere else, also for a job in the background, which would
 * draw over what its terminal is used for.
 *
 * @param options How much to show, and the help for keys while they are taken.
 */
export function openDisplay(
  options: { readonly verbose: Verbosity; readonly debug: boolean; readonly keyHelp: () => string },
): RunDisplay {
  const { verbose, debug, keyHelp } = options;
  if (verbose < 2 || !Deno.stdout.isTerminal() || Deno.env.get("TERM") === "dumb" || isInBackground()) {
    return new PlainDisplay({ verbose, debug });
  }
  return new LiveDisplay({
    verbose,
    debug,
    help: keyHelp,
    write: (text) => writeTo(Deno.stdout, text),
    size: terminalSize,
    useColour: (Deno.env.get("NO_COLOR") ?? "") === "",
    glyphs: usesUtf8() ? BLOCK_GLYPHS : ASCII_GLYPHS,
  });
}

function terminalSize(): { columns: number; rows: number } {
  try {
    const { columns, rows } = Deno.consoleSize();
    return columns > 0 && rows > 0 ? { columns, rows } : USUAL_SIZE;
  } catch {
    return USUAL_SIZE;
  }
}

/** The first of these variables that is set decides (POSIX, "Environment variables"). */
function usesUtf8(): boolean {
  const locale = ["LC_ALL", "LC_CTYPE", "LANG"].map((name) => Deno.env.get(name) ?? "").find((value) => value !== "");
  return /utf-?8/i.test(locale ?? "");
}
