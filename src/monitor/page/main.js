// @ts-check
/// <reference no-default-lib="true" />
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/// <reference lib="esnext" />
/** The page: puts panels up, passes messages to them, and steers the run. */
import { Connection } from "./connection.js";
import { Dialogs } from "./dialogs.js";
import { FlowPanel } from "./flow_panel.js";
import { button, element, setText } from "./format.js";
import { FunctionsPanel } from "./functions_panel.js";
import { HeatMapPanel } from "./heat_map.js";
import { HistogramPanel } from "./histogram_panel.js";
import { LogPanel } from "./log_panel.js";
import { CurvePanel, TablePanel, ValuePanel } from "./plain_panels.js";
import { RatesPanel } from "./rates_panel.js";
import { RecordsPanel } from "./records_panel.js";
import { RingsPanel } from "./rings_panel.js";
import { RunBar, RunPanel } from "./run_panel.js";
import { ScopePanel } from "./scope_panel.js";
import { toggleTheme } from "./theme.js";

/** @typedef {import("../protocol.ts").ToPage} ToPage */
/** @typedef {import("../protocol.ts").HelloMessage} HelloMessage */
/** @typedef {import("../protocol.ts").PanelMessage} PanelMessage */
/** @typedef {HistogramPanel | HeatMapPanel | TablePanel | CurvePanel | ValuePanel} FunctionPanel */

/** @param {string} id */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

const panels = byId("panels");
const offline = byId("offline");
const dialogs = new Dialogs(/** @type {HTMLDialogElement} */ (byId("dialog")));
const commandForm = byId("command");
const commandLine = /** @type {HTMLInputElement} */ (byId("command-line"));
const commandReply = byId("command-reply");

const add = element("select", { id: "add-panel", title: "add a panel", "aria-label": "add a panel" });
const shortcuts = button("?", "keyboard shortcuts (?)", () => dialogs.showShortcuts());
const bar = new RunBar(byId("bar"), {
  steer,
  tools: [add, button("◐", "dark or light (t)", toggleTheme), shortcuts],
});
const run = new RunPanel();
const rings = new RingsPanel();
const rates = new RatesPanel();
const flow = new FlowPanel();
const log = new LogPanel();
const functions = new FunctionsPanel((source) => log.show(source), stopWorker);
/** @type {Map<string, ScopePanel>} */
const scopes = new Map();
/** @type {Map<string, RecordsPanel>} */
const records = new Map();
/** @type {Map<string, FunctionPanel>} */
const displays = new Map();
/** Displays of functions that somebody has closed here, with their newest state. @type {Map<string, PanelMessage>} */
const closed = new Map();
/** @type {HelloMessage | null} */
let hello = null;

panels.append(run.root, rings.root, rates.root, functions.root, log.root, flow.root);

const connection = new Connection({
  onMessage: take,
  onFrame: (frame) => {
    const panel = scopes.get(hello?.rings[frame.ringNumber]?.name ?? "");
    if (panel === undefined) connection.drawn(frame.seq);
    else panel.update(frame);
  },
  onStatus: (isOnline) => {
    offline.hidden = isOnline;
    setText(offline, "No connection to the run. It goes on without this page; trying again …");
    document.documentElement.dataset.online = String(isOnline);
    if (!isOnline) bar.offline();
  },
});

/** @param {ToPage} message */
function take(message) {
  switch (message.type) {
    case "hello":
      return begin(message);
    case "state":
      for (const panel of [bar, run, rings, functions, flow]) panel.update(message);
      return;
    case "history":
      return rates.update(message);
    case "log":
      return log.add(message);
    case "panel":
      return takePanel(message);
    case "records":
      return records.get(message.ring)?.update(message);
  }
}

/** @param {HelloMessage} message */
function begin(message) {
  // Another run at the same address: a page of its own.
  if (hello !== null && (hello.beganMs !== message.beganMs || hello.runDirectory !== message.runDirectory)) {
    return location.reload();
  }
  const isFirst = hello === null;
  hello = message;
  for (const panel of [bar, run, rings, functions, flow]) panel.hello(message);
  rates.hello(message);
  log.clear();
  if (isFirst) {
    for (const scope of message.scopes) if (scope.isWanted) addScope(scope.ring);
  }
  for (const panel of scopes.values()) panel.subscribe();
  for (const ring of records.keys()) connection.send({ type: "records", ring, on: true });
  listPanels();
}

/** @param {string} ring */
function addScope(ring) {
  const scope = hello?.scopes.find((it) => it.ring === ring);
  const layout = hello?.rings.find((it) => it.name === ring);
  if (scope === undefined || layout === undefined || scopes.has(ring)) return;
  const panel = new ScopePanel(scope, layout, {
    send: (message) => connection.send(message),
    drawn: (seq) => connection.drawn(seq),
    onClose: () => {
      panel.remove();
      scopes.delete(ring);
      listPanels();
    },
  });
  scopes.set(ring, panel);
  functions.root.before(panel.root);
  arrange();
}

/** @param {string} ring */
function addRecords(ring) {
  if (records.has(ring)) return;
  const panel = new RecordsPanel(ring, {
    onClose: () => {
      connection.send({ type: "records", ring, on: false });
      panel.remove();
      records.delete(ring);
      listPanels();
    },
  });
  records.set(ring, panel);
  panels.append(panel.root);
  connection.send({ type: "records", ring, on: true });
}

/** @param {PanelMessage} message */
function takePanel(message) {
  const { key, panel } = message;
  if (closed.has(key)) {
    closed.set(key, message);
    return;
  }
  let shown = displays.get(key);
  if (shown !== undefined && !fits(shown, panel.kind)) {
    shown.remove();
    displays.delete(key);
    shown = undefined;
  }
  if (shown === undefined) {
    shown = newDisplay(message);
    displays.set(key, shown);
    functions.root.before(shown.root);
    arrange();
  }
  if (shown instanceof HistogramPanel && panel.kind === "histogram") shown.update(panel);
  else if (shown instanceof HeatMapPanel && panel.kind === "histogram2d") shown.update(panel);
  else if (shown instanceof TablePanel && panel.kind === "table") shown.update(panel);
  else if (shown instanceof ValuePanel && panel.kind === "value") shown.update(panel);
  else if (shown instanceof CurvePanel && (panel.kind === "xy" || panel.kind === "waveform")) shown.update(panel);
}

/**
 * @param {FunctionPanel} shown
 * @param {PanelMessage["panel"]["kind"]} kind
 */
function fits(shown, kind) {
  switch (kind) {
    case "histogram":
      return shown instanceof HistogramPanel;
    case "histogram2d":
      return shown instanceof HeatMapPanel;
    case "table":
      return shown instanceof TablePanel;
    case "value":
      return shown instanceof ValuePanel;
    default:
      return shown instanceof CurvePanel;
  }
}

/**
 * @param {PanelMessage} message
 * @returns {FunctionPanel}
 */
function newDisplay(message) {
  const { key, panel } = message;
  const onClose = () => {
    displays.get(key)?.remove();
    displays.delete(key);
    closed.set(key, message);
    arrange();
    listPanels();
  };
  switch (panel.kind) {
    case "histogram":
      return new HistogramPanel(key, {
        onClose,
        onReset: () => connection.send({ type: "reset", key }),
        onFit: (kind, from, to) => connection.fit(key, kind, from, to),
      });
    case "histogram2d":
      return new HeatMapPanel(key, { onClose, onReset: () => connection.send({ type: "reset", key }) });
    case "table":
      return new TablePanel(key, { onClose });
    case "value":
      return new ValuePanel(key, { onClose });
    default:
      return new CurvePanel(key, { onClose });
  }
}

/** A lone oscilloscope has two histograms beside it; without any it takes the whole row. */
function arrange() {
  const histograms = [...displays.values()].filter((panel) => panel instanceof HistogramPanel);
  const isBeside = scopes.size === 1 && histograms.length > 0;
  for (const panel of scopes.values()) {
    panel.root.dataset.width = isBeside ? "8" : scopes.size > 1 ? "6" : "12";
    panel.root.dataset.rows = isBeside && histograms.length > 1 ? "2" : "1";
  }
}

/** Fills the list of panels that can be added. */
function listPanels() {
  const choices = [
    ...(hello?.scopes ?? []).filter(({ ring }) => !scopes.has(ring)).map((
      { ring },
    ) => [`scope ${ring}`, `Oscilloscope ${ring}`]),
    ...(hello?.rings ?? []).filter(({ name }) => !records.has(name)).map((
      { name },
    ) => [`records ${name}`, `Latest records of ${name}`]),
    ...[...closed.keys()].map((key) => [`display ${key}`, `Display ${key}`]),
  ];
  add.replaceChildren(
    element("option", { value: "" }, "+ panel"),
    ...choices.map(([value, label]) => element("option", { value }, label)),
  );
}

add.addEventListener("change", () => {
  const [kind, ...rest] = add.value.split(" ");
  const name = rest.join(" ");
  if (kind === "scope") {
    addScope(name);
    scopes.get(name)?.subscribe();
  }
  if (kind === "records") addRecords(name);
  const message = kind === "display" ? closed.get(name) : undefined;
  if (message !== undefined) {
    closed.delete(name);
    takePanel(message);
  }
  listPanels();
});

/** @param {string} command */
async function steer(command) {
  if (!await dialogs.allows(command === "end" && bar.isOver ? "close" : command)) return;
  const { ok, text } = await connection.command(command);
  if (!ok) await dialogs.ask(["The run did not take it", text, ""]);
}

/**
 * @param {string} name A function, or one of its workers.
 * @param {readonly string[]} question
 */
async function stopWorker(name, question) {
  if (await dialogs.ask(question)) await steer(`stop worker ${name}`);
}

/** @param {boolean} isOpen */
function showCommandLine(isOpen) {
  commandForm.hidden = !isOpen;
  commandLine.value = "";
  if (isOpen) commandLine.focus();
  else commandReply.textContent = "";
}

commandForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  const line = commandLine.value.trim();
  if (line === "") return showCommandLine(false);
  commandLine.value = "";
  const { ok, text } = await connection.command(line);
  commandReply.textContent = `:${line}\n${text}`;
  commandReply.className = ok ? "" : "bad";
});
commandLine.addEventListener("keydown", (event) => {
  if (event.key === "Escape") showCommandLine(false);
});

/** The oscilloscope that keys are meant for. */
function scopeUnderMouse() {
  const all = [...scopes.values()];
  return all.find((panel) => panel.root.matches(":hover")) ?? all[0];
}

addEventListener("keydown", (event) => {
  const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
  if (isTyping || dialogs.isOpen || event.ctrlKey || event.metaKey || event.altKey) return;
  const { key } = event;
  const buttons = new Map([["p", bar.pause], ["r", bar.resume], ["s", bar.stop], ["e", bar.end]]);
  if (buttons.has(key)) buttons.get(key)?.click();
  else if (key === "t") toggleTheme();
  else if (key === "?") dialogs.showShortcuts();
  else if (key === "h") scopeUnderMouse()?.hold.node.click();
  else if (key === "n") scopeUnderMouse()?.takeSingle();
  else if (/^[1-8]$/.test(key)) scopeUnderMouse()?.toggleChannel(Number(key) - 1);
  else if (key === ":") {
    event.preventDefault();
    showCommandLine(true);
  }
});
