/** Runs a simulated Red Pitaya in a worker: the first message has its settings, the answer its port. */
import { SimulatedServer } from "./simulated_server.ts";
import type { SimulatorSettings } from "./simulator_settings.ts";

/** The global scope of a worker, as far as it is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<SimulatorSettings>) => void) | null;
  postMessage(message: { readonly hostname: string; readonly port: number }): void;
}

const scope = globalThis as unknown as WorkerScope;
scope.onmessage = ({ data }) => scope.postMessage(new SimulatedServer(data).address);
