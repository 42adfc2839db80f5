import { PanelLine } from "../../src/worker/panel_line.ts";
import { assertEquals } from "../../src/std/assert.js";

/** A line whose messages leave when told. */
function slowLine() {
  const sent: string[] = [];
  const leaving: (() => void)[] = [];
  const line = new PanelLine(({ name, panel }, done) => {
    sent.push(`${name} ${panel.title}`);
    leaving.push(done);
  });
  const put = (name: string, title: string) =>
    line.put({ type: "panel", name, panel: { kind: "value", title, value: 0 } });
  return { line, put, sent, leave: () => leaving.shift()!() };
}

Deno.test("PanelLine sends each state of a display while they leave at once", () => {
  const { put, sent, leave } = slowLine();
  put("a", "1");
  leave();
  put("a", "2");
  leave();
  assertEquals(sent, ["a 1", "a 2"]);
});

Deno.test("PanelLine leaves out states that were replaced before their turn came", () => {
  const { put, sent, leave } = slowLine();
  for (const title of ["1", "2", "3"]) put("a", title);
  put("b", "1");
  assertEquals(sent, ["a 1", "b 1"]);
  leave();
  assertEquals(sent, ["a 1", "b 1", "a 3"]);
  leave();
  leave();
  assertEquals(sent.length, 3);
});

Deno.test("PanelLine sends what is waiting at the end", () => {
  const { line, put, sent, leave } = slowLine();
  for (const title of ["1", "2"]) put("a", title);
  line.flush();
  assertEquals(sent, ["a 1", "a 2"]);
  leave();
  leave();
  assertEquals(sent, ["a 1", "a 2"]);
});
