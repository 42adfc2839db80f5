import { CONVERT_HELP, parseConvertArguments } from "../../src/cli/convert_arguments.ts";
import { WRITABLE_FORMATS } from "../../src/files/event_writer.ts";
import { assert, assertEquals } from "../../src/std/assert.js";

Deno.test("parseConvertArguments() takes files, format and options in any order", () => {
  assertEquals(parseConvertArguments(["a.mjournal", "--to", "csv"]), {
    kind: "convert",
    arguments: { files: ["a.mjournal"], format: "csv", output: null, salvage: false, fields: null },
  });
  const words = ["--salvage", "a.csv", "-o", "out", "7.csv", "--to=journal", "--fields", "a: int32, b c:float32"];
  assertEquals(parseConvertArguments(words), {
    kind: "convert",
    arguments: {
      files: ["a.csv", "7.csv"],
      format: "journal",
      output: "out",
      salvage: true,
      fields: new Map([["a", { name: "a", type: "int32" }], ["b c", { name: "b c", type: "float32" }]]),
    },
  });
});

Deno.test("parseConvertArguments() gives help whatever else there is", () => {
  for (const words of [["--help"], ["-h"], ["a.csv", "--to", "nothing", "-h"]]) {
    assertEquals(parseConvertArguments(words), { kind: "help" });
  }
  for (const format of WRITABLE_FORMATS) assert(CONVERT_HELP.includes(format));
});

for (
  const [words, message] of [
    [[], "Cannot read the command line: expected --to with one of csv, parquet, journal, tar, found none"],
    [["--to", "csv"], "Cannot read the command line: expected files to convert, found none"],
    [["a", "--to", "root"], 'Cannot read option --to: expected one of csv, parquet, journal, tar, found "root"'],
    [["a", "--to"], "Cannot read option --to: expected a value after it, found none"],
    [["a", "--to", "csv", "--output"], "Cannot read option --output: expected a value after it, found none"],
    [
      ["a", "--to", "csv", "--salvge"],
      'Cannot read the command line: expected one of convert\'s options, found "--salvge"; did you mean "--salvage"?',
    ],
    [["a", "--to", "csv", "--fields", "x"], 'Cannot read option --fields: expected "name: type", found "x"'],
    [["a", "--to", "csv", "--fields", "x: y"], 'Cannot read option --fields: expected "name: type", found "x: y"'],
  ] as const
) {
  Deno.test(`parseConvertArguments() refuses ${JSON.stringify(words)}`, () => {
    const request = parseConvertArguments(words);
    assert(request.kind === "refused");
    assertEquals(request.message.split("\n")[0], message);
  });
}
