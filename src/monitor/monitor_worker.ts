/** Entry of the thread that serves the page, so that no visitor can hold up the run. */
import type { FromMonitor, MonitorSetup, ToMonitor } from "./messages.ts";
import { MonitorService } from "./monitor_service.ts";
import { PageServer } from "./page_server.ts";

/** The part of a Web Worker's global scope that is used here. */
interface WebWorkerScope {
  postMessage(message: FromMonitor): void;
  onmessage: ((event: MessageEvent<ToMonitor>) => void) | null;
}

const scope = globalThis as unknown as WebWorkerScope;

/** Commands on their way. */
const pending = new Map<number, (reply: { readonly ok: boolean; readonly text: string }) => void>();
const MOST_PENDING = 100;
let nextCommand = 0;
let service: MonitorService | null = null;
let server: PageServer | null = null;

function sendCommand(command: string): Promise<{ readonly ok: boolean; readonly text: string }> {
  if (pending.size >= MOST_PENDING) return Promise.resolve({ ok: false, text: "Too many commands at once" });
  const id = nextCommand++;
  scope.postMessage({ type: "command", id, command });
  return new Promise((resolve) => pending.set(id, resolve));
}

async function begin(setup: MonitorSetup): Promise<void> {
  try {
    service = new MonitorService(setup, {
      command: sendCommand,
      warn: (text) => scope.postMessage({ type: "warning", text }),
    });
    server = await PageServer.open(service, setup);
    scope.postMessage({ type: "listening", hostname: setup.address.hostname, port: server.port });
  } catch (error) {
    scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
}

async function close(): Promise<void> {
  await server?.close();
  service?.close();
  scope.postMessage({ type: "closed" });
}

scope.onmessage = ({ data }) => {
  switch (data.type) {
    case "setup":
      void begin(data.setup);
      return;
    case "state":
      return service?.takeState(data.state);
    case "log":
      return service?.takeLog(data.entry);
    case "panel":
      service?.board.put(data.source, data.panel);
      return scope.postMessage({ type: "taken" });
    case "reply": {
      const { id, ok, text } = data;
      pending.get(id)?.({ ok, text });
      pending.delete(id);
      return;
    }
    case "finish":
      service?.finish();
      return scope.postMessage({ type: "finished" });
    case "close":
      void close();
      return;
  }
};
