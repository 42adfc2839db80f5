/** Answers to programs that look on: JSON, `.npy`, and Prometheus' text form. See docs/http_api.md. */
import { npyArray, type NpyColumn, npyRecords } from "../files/npy.ts";
import { parseFieldType } from "../record/field_type.ts";
import type { RecordLayout } from "../record/record_layout.ts";
import type { Slot } from "../ring/slot.ts";
import { METRICS_TYPE, metricsText } from "./metrics.ts";
import type { MonitorService } from "./monitor_service.ts";

const MOST_BODY_BYTES = 4096;

/** Answers a request; null if the address is none of the interface. */
export async function answerApi(service: MonitorService, request: Request, url: URL): Promise<Response | null> {
  const parts = partsOf(url.pathname);
  if (parts === null) return null;
  if (parts.length === 1 && parts[0] === "metrics") return onlyGet(request) ?? metrics(service);
  if (parts[0] !== "api") return null;
  const [, what, ...names] = parts;
  if (what === "command" && names.length === 0) return await command(service, request);
  const isKnown = what === "run" || what === "rings" || what === "histograms" || what === "panels" || what === "log";
  const refusal = isKnown ? onlyGet(request) : null;
  if (refusal !== null) return refusal;
  if (what === "run" && names.length === 0) return json(runOf(service));
  if (what === "log" && names.length === 0) return json(service.log);
  if (what === "rings" && names.length === 0) return json(ringsOf(service));
  if (what === "rings" && names.length === 2 && names[1] === "latest") return latest(service, names[0], url);
  if (what === "histograms") return histogram(service, names.join("/"), url);
  if (what === "panels" && names.length === 0) return json(service.board.keys());
  return null;
}

/** Parts of a path, decoded; null if it cannot be one of ours. Names are looked up in tables, never in a file system. */
function partsOf(path: string): string[] | null {
  try {
    return path.slice(1).split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}

function onlyGet({ method }: Request): Response | null {
  return method === "GET" || method === "HEAD" ? null : problem(405, "Cannot answer: expected GET");
}

function json(value: unknown, status = 200): Response {
  return new Response(`${JSON.stringify(value)}\n`, {
    status,
    headers: { "content-type": "application/json; charset=utf-8" },
  });
}

function problem(status: number, error: string): Response {
  return json({ error }, status);
}

function npy(bytes: Uint8Array<ArrayBuffer>): Response {
  return new Response(bytes, { headers: { "content-type": "application/x-npy" } });
}

function metrics(service: MonitorService): Response {
  const { state, hello } = service;
  const text = state === null ? "" : metricsText(hello.run, hello.rings, state);
  return new Response(text, { headers: { "content-type": METRICS_TYPE } });
}

function runOf({ hello, state }: MonitorService): unknown {
  const { type: _, flowSvg: __, arrows: ___, scopes: ____, rings: _____, functions, ...run } = hello;
  if (state === null) return { ...run, state: "WorkersSet", functions };
  const { type: ______, seq: _______, rings: ________, functions: states, ...now } = state;
  return { ...run, ...now, functions: functions.map((fn, i) => ({ ...fn, ...states[i] })) };
}

function ringsOf({ hello, state }: MonitorService): unknown {
  return hello.rings.map((ring, i) => ({ ...ring, ...state?.rings[i] }));
}

function latest(service: MonitorService, name: string, url: URL): Response {
  const watch = service.watch(name);
  if (watch === null) return problem(404, `Cannot show ring "${name}": there is no ring of this name`);
  const slot = watch.latest();
  const layout = watch.layout;
  if (slot === null || layout === null) return problem(404, `Cannot show ring "${name}": it holds no event yet`);
  const field = url.searchParams.get("field");
  const fields = layout.fields.filter((it) => field === null || it.name === field);
  if (fields.length === 0) return problem(404, `Cannot show field "${field}": ring "${name}" has no such field`);
  const format = url.searchParams.get("format") ?? "json";
  if (format === "json") return json(eventOf(slot, fields));
  if (format !== "npy") return problem(400, `Cannot write format "${format}": expected json or npy`);
  const columns = fields.map((it): NpyColumn => ({ name: it.name, type: it.type, values: slot.data[it.name] }));
  return npy(field === null ? npyRecords(columns) : npyArray(columns[0]));
}

/** Values as JSON has them: NaN and infinities become null, 64-bit integers texts if they are too large for a number. */
function eventOf(slot: Slot, fields: RecordLayout["fields"]): unknown {
  const plain = (value: number | bigint) =>
    typeof value === "number" ? value : Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  const { counter, timestamp, deadtime, redelivered } = slot;
  const data = Object.fromEntries(
    fields.map(({ name }) => [name, Array.from(slot.data[name] as ArrayLike<number | bigint>, plain)]),
  );
  return { counter, timestamp, deadtime, redelivered, data };
}

function histogram({ board }: MonitorService, name: string, url: URL): Response {
  const histograms = board.keys().filter((key) => board.message(key)!.panel.kind.startsWith("histogram"));
  if (name === "") return json(histograms);
  const keys = board.find(name).filter((key) => histograms.includes(key));
  if (keys.length === 0) return problem(404, `Cannot show histogram "${name}": there is none of this name`);
  if (keys.length > 1) return problem(400, `Cannot show histogram "${name}": expected one of ${keys.join(", ")}`);
  const { panel } = board.message(keys[0])!;
  if (url.searchParams.get("format") !== "npy") return json({ key: keys[0], ...panel });
  if (panel.kind !== "histogram" && panel.kind !== "histogram2d") return problem(404, "Cannot show a histogram");
  return npy(npyArray({ type: parseFieldType("float64")!, values: Float64Array.from(panel.counts) }));
}

async function command(service: MonitorService, request: Request): Promise<Response> {
  if (request.method !== "POST") return problem(405, "Cannot take a command: expected POST");
  // Other sites' pages can send forms and texts without asking first, but not this type.
  if (!/^application\/json\b/i.test(request.headers.get("content-type") ?? "")) {
    return problem(415, "Cannot take a command: expected the type application/json");
  }
  const text = await readBody(request);
  if (text === null) return problem(413, `Cannot take a command: expected at most ${MOST_BODY_BYTES} bytes`);
  const line = commandOf(text);
  if (line === null) return problem(400, 'Cannot take a command: expected {"command": "…"}');
  const reply = await service.command(line);
  return json(reply, reply.ok ? 200 : 400);
}

function commandOf(text: string): string | null {
  try {
    const { command } = JSON.parse(text) as { command?: unknown };
    return typeof command === "string" ? command : null;
  } catch {
    return null;
  }
}

/** Text of a body; null if it is too long. What is too long is not read. */
async function readBody(request: Request): Promise<string | null> {
  if (Number(request.headers.get("content-length") ?? 0) > MOST_BODY_BYTES) return null;
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MOST_BODY_BYTES) return null;
  }
  return text;
}
