/** Starts a simulated Red Pitaya beside the thread that uses it. */
import type { SimulatorSettings } from "./simulator_settings.ts";

/** A simulated Red Pitaya in a worker of its own. */
export interface RunningSimulator extends Disposable {
  /** Where it listens. */
  readonly address: { readonly hostname: string; readonly port: number };
  /** Switches it off. */
  close(): void;
}

/**
 * Starts one.
 *
 * @param settings Its properties.
 * @throws {Error} If it does not start, for example because its port is in use.
 */
export function startSimulator(settings: SimulatorSettings = {}): Promise<RunningSimulator> {
  const worker = new Worker(new URL("simulator_worker.ts", import.meta.url), { type: "module" });
  const close = () => worker.terminate();
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<RunningSimulator["address"]>) =>
      resolve({ address: data, close, [Symbol.dispose]: close });
    worker.onerror = (event) => {
      event.preventDefault();
      close();
      reject(new Error(`Cannot start the simulated Red Pitaya: ${event.message}`));
    };
    worker.postMessage({ port: 0, ...settings });
  });
}
