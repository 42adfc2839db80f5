/**
 * Template for an instrument of your own: copy this file, rename things, and replace what the comments (1) to (4) say.
 * docs/writing_a_driver.md explains each step. As it is, it is a source of noise with pulses.
 *
 *     rate_hz: 50            mean rate of events
 *     pulse_mV: 100          height of pulses
 */
import { checkedFunction, FunctionSettings, type Instrument, InstrumentLost, runInstrument } from "@mimocorb/daq";

/** (2) What the configuration says. */
interface MySettings {
  readonly rateHz: number;
  readonly pulseMv: number;
}

/** (1) The instrument: all that talks to the hardware is in here, and nothing else. */
class MyInstrument implements Instrument {
  readonly description = "MyInstrument 1";
  readonly #settings: MySettings;
  #eventMs = Infinity;
  #isConnected = true;

  private constructor(settings: MySettings) {
    this.#settings = settings;
  }

  /** Opens it and sets it up: `Deno.connect`, `Deno.dlopen`, a serial line … */
  static open(settings: MySettings): Promise<MyInstrument> {
    return Promise.resolve(new MyInstrument(settings));
  }

  /** Starts to wait for one event. */
  arm(): void {
    this.#checkConnection();
    this.#eventMs = performance.now() - Math.log(1 - Math.random()) * 1000 / this.#settings.rateHz;
  }

  /** Waits for the event, but not longer than some time, so that the end of the run is seen. */
  async waitForEvent(timeoutMs: number): Promise<boolean> {
    const leftMs = this.#eventMs - performance.now();
    if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(leftMs, timeoutMs)));
    this.#checkConnection();
    return leftMs <= timeoutMs;
  }

  /** Copies the event's samples into a field of the ring. */
  read(column: { fill(value: number): void; length: number; [sample: number]: number }): void {
    for (let i = 0; i < column.length; i++) {
      const pulse = i < 50 ? 0 : this.#settings.pulseMv * Math.exp((50 - i) / 100);
      column[i] = pulse + 2 * (Math.random() - 0.5);
    }
  }

  close(): void {
    this.#isConnected = false;
  }

  #checkConnection(): void {
    // Whoever throws this gets opened again as soon as that works.
    if (!this.#isConnected) throw new InstrumentLost(`${this.description} does not answer`);
  }
}

/** The function that a setup names. */
export const myInstrumentSource = checkedFunction(
  // (2) Reads and checks the configuration, before anything starts.
  (context): MySettings => {
    const settings = new FunctionSettings(context);
    return {
      rateHz: settings.number("rate_hz", { fallback: 50, above: 0 }),
      pulseMv: settings.number("pulse_mV", { fallback: 100 }),
    };
  },
  (context, settings) =>
    runInstrument(context, {
      // (3) Called at the beginning, and again whenever the instrument was lost.
      open: () => MyInstrument.open(settings),
      // (4) Takes events as long as they are wanted.
      take: async (instrument, sink) => {
        const names = sink.layout.fields.map((field) => field.name);
        while (sink.waitWhilePaused()) {
          instrument.arm();
          sink.liveTime.live(sink.activeMs());
          while (sink.isWanted && !sink.isPaused) {
            if (!await instrument.waitForEvent(50)) continue;
            const timeMs = performance.now();
            const deadtime = sink.liveTime.event(sink.activeMs());
            sink.liveTime.blind(sink.activeMs());
            if (sink.claim(1) === 0) {
              sink.late(1);
              break;
            }
            for (const name of names) instrument.read(sink.columns(0)[name]);
            instrument.arm();
            sink.liveTime.live(sink.activeMs());
            sink.stamp(0, timeMs, deadtime);
            sink.publish();
          }
          sink.liveTime.blind(sink.activeMs());
        }
      },
    }),
);
