/** The program with a clock that goes back by an hour one second after its start. */
const HOUR_MS = 3_600_000;
const RealDate = Date;
const realNow = RealDate.now;
const began = performance.now();
const offset = () => performance.now() - began > 1000 ? -HOUR_MS : 0;

class ShiftedDate extends RealDate {
  constructor(...args: [] | [number | string | Date]) {
    super(args.length === 0 ? realNow() + offset() : args[0]);
  }

  static override now(): number {
    return realNow() + offset();
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
const { main } = await import("../../src/cli/main.ts");
Deno.exit(await main(Deno.args));
