import { PanelLine, type PanelLineOptions } from "../../src/worker/panel_line.ts";
import type { Panel } from "../../src/worker/panel.ts";
import { assertEquals, assertMatch } from "../../src/std/assert.js";

/** A line with a clock that only the test moves, and a control that takes what it is told to take. */
function testLine(options: Partial<PanelLineOptions> = {}) {
  const sent: string[] = [];
  const panels: Panel[] = [];
  const errors: string[] = [];
  const world = { nowMs: 1000, taken: Infinity, waits: 0 };
  const line = new PanelLine({
    send: (name, panel) => {
      sent.push(`${name} ${panel.title}`);
      panels.push(structuredClone(panel));
    },
    taken: () => world.taken,
    onError: (text) => errors.push(text),
    onWaiting: () => world.waits++,
    now: () => world.nowMs,
    ...options,
  });
  const put = (name: string, title: string) => line.put(name, { kind: "value", title, value: 0 });
  const passes = (ms: number) => {
    world.nowMs += ms;
    line.look(world.nowMs);
  };
  return { line, put, sent, panels, errors, world, passes };
}

Deno.test("PanelLine sends a state at once after a quiet time, then the newest one ten times a second", () => {
  const { put, sent, world, passes } = testLine();
  for (let i = 0; i < 1000; i++) {
    put("a", `${i}`);
    world.nowMs++;
  }
  assertEquals(sent[0], "a 0");
  assertEquals(sent.length, 10);
  passes(100);
  assertEquals(sent.at(-1), "a 999");
  passes(10_000);
  assertEquals(sent.length, 11);
  put("a", "late");
  assertEquals(sent.at(-1), "a late");
});

Deno.test("PanelLine sends what waits when another display is published", () => {
  const { put, sent, world } = testLine();
  put("a", "1");
  put("a", "2");
  world.nowMs += 150;
  put("b", "1");
  assertEquals(sent, ["a 1", "b 1", "a 2"]);
});

Deno.test("PanelLine holds a display back until the control has taken its state before", () => {
  const { line, put, sent, world, passes } = testLine();
  world.taken = 0;
  put("a", "1");
  put("b", "1");
  for (let i = 2; i < 100; i++) {
    put("a", `${i}`);
    passes(100);
  }
  assertEquals(sent, ["a 1", "b 1"]);
  world.taken = 1;
  passes(100);
  assertEquals(sent, ["a 1", "b 1", "a 99"]);
  put("a", "100");
  put("b", "2");
  line.flush();
  assertEquals(sent.slice(3), ["a 100", "b 2"]);
});

Deno.test("PanelLine says when something waits and when it is due", () => {
  const { line, put, world, passes } = testLine();
  put("a", "1");
  assertEquals([line.dueMs, world.waits], [Infinity, 0]);
  world.nowMs += 30;
  put("a", "2");
  put("a", "3");
  assertEquals([line.dueMs, world.waits], [1100, 1]);
  passes(70);
  assertEquals(line.dueMs, Infinity);
});

Deno.test("PanelLine sends data as they are when they go, but those in borrowed memory as they were", () => {
  const borrowed = new ArrayBuffer(16);
  const { line, panels, passes } = testLine({ isBorrowed: (memory) => memory === borrowed });
  const [own, event] = [new Float64Array(2), new Float64Array(borrowed)];
  const panel = (): Panel => ({ kind: "xy", title: "", x: own, y: event });
  line.put("a", panel());
  own.fill(1);
  event.fill(1);
  line.put("a", panel());
  own.fill(2);
  event.fill(2);
  passes(100);
  const last = panels[1];
  assertEquals(last.kind === "xy" && [[...last.x], [...last.y]], [[2, 2], [1, 1]]);
});

Deno.test("PanelLine takes a bounded number of displays and says so once", () => {
  const { put, sent, errors } = testLine();
  for (let i = 0; i < 2000; i++) put(`n${i}`, "");
  assertEquals([sent.length, errors.length], [500, 1]);
  assertMatch(errors[0], /Cannot show "n500": expected at most 500 displays/);
});

Deno.test("PanelLine reports what cannot be sent later, and throws what cannot be sent at once", () => {
  let isBroken = false;
  const { put, errors, passes } = testLine({
    send: () => {
      if (isBroken) throw new Error("could not be cloned");
    },
  });
  put("a", "1");
  put("a", "2");
  isBroken = true;
  passes(100);
  assertEquals(errors, [`Cannot show "a": could not be cloned`]);
});
