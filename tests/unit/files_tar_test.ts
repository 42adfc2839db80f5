import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { TarReader } from "../../src/files/tar_reader.ts";
import { TarWriter } from "../../src/files/tar_writer.ts";
import { assert, assertEquals, assertStringIncludes, assertThrows } from "../../src/std/assert.js";
import { withFolder } from "./event_file_fixture.ts";

const DATA = `${import.meta.dirname}/../data/files/`;

function members(path: string): { files: [string, Uint8Array][]; notice: string | null } {
  using reader = new TarReader(path);
  const files = Array.from(reader, ({ name, data }): [string, Uint8Array] => [name, data.slice()]);
  return { files, notice: reader.notice };
}

/** Archive with files "a" (600 bytes of 1), "b" (10 bytes of 2): headers at 0 and 1536, end blocks at 2560. */
function writeTwo(path: string): void {
  using writer = new TarWriter(path);
  writer.add("a", new Uint8Array(600).fill(1));
  writer.add("b", new Uint8Array(10).fill(2));
}

const memberName = fc.oneof(
  fc.string({ minLength: 1, maxLength: 30 }),
  fc.string({ minLength: 1, maxLength: 300, unit: "grapheme" }),
  fc.constantFrom("x".repeat(100), "x".repeat(101), `${"folder/".repeat(30)}ünï`),
).filter((name) => !name.includes("\0") && name.isWellFormed());

Deno.test("TarWriter.add() stores names and bytes that TarReader gives back", () => {
  withFolder((folder) => {
    fc.assert(fc.property(
      fc.array(fc.tuple(memberName, fc.uint8Array({ maxLength: 1500 })), { maxLength: 12 }),
      fc.integer({ min: 1, max: 5000 }),
      (files, batchBytes) => {
        const path = `${folder}/a.tar`;
        {
          using writer = new TarWriter(path, { batchBytes, overwrite: true });
          for (const [name, data] of files) writer.add(name, data);
          assertEquals(writer.members, files.length);
        }
        assertEquals(members(path), { files, notice: null });
      },
    ));
  });
});

Deno.test("TarWriter.add() takes pieces and self-writing content", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    {
      using writer = new TarWriter(path);
      writer.add("pieces", [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
      writer.add("content", { byteLength: 3, writeTo: (target, offset) => target.fill(9, offset, offset + 3) });
    }
    assertEquals(members(path).files, [["pieces", Uint8Array.of(1, 2, 3)], ["content", Uint8Array.of(9, 9, 9)]]);
  });
});

Deno.test("TarWriter writes headers as ustar with mode 0644 and no time or owner", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    writeTwo(path);
    const bytes = Deno.readFileSync(path);
    assertEquals(bytes.length, 2560 + 1024);
    const text = (offset: number, length: number) => new TextDecoder().decode(bytes.subarray(offset, offset + length));
    assertEquals(text(0, 2), "a\0");
    assertEquals(text(100, 48), "0000644\x000000000\x000000000\x0000000001130\x0000000000000\0");
    assertEquals(text(156, 1), "0");
    assertEquals(text(257, 8), "ustar\x0000");
    const header = bytes.slice(0, 512).fill(0x20, 148, 156);
    assertEquals(parseInt(text(148, 6), 8), header.reduce((sum, byte) => sum + byte, 0));
  });
});

Deno.test("TarWriter leaves a complete archive behind when the program dies after a flush", () => {
  withFolder((folder) => {
    const writer = new TarWriter(`${folder}/a.tar`);
    const copy = () => {
      Deno.copyFileSync(`${folder}/a.tar`, `${folder}/copy.tar`);
      return members(`${folder}/copy.tar`);
    };
    assertEquals(copy(), { files: [], notice: null });
    writer.add("one", Uint8Array.of(1));
    writer.flush();
    assertEquals(copy(), { files: [["one", Uint8Array.of(1)]], notice: null });
    writer.add("two", Uint8Array.of(2));
    assertEquals(copy().files.length, 1);
    writer.flush();
    assertEquals(copy(), { files: [["one", Uint8Array.of(1)], ["two", Uint8Array.of(2)]], notice: null });
    writer.close();
    assertEquals(copy().files.length, 2);
  });
});

Deno.test("TarWriter.add() writes to the file by itself when the time for it has come", () => {
  withFolder((folder) => {
    using writer = new TarWriter(`${folder}/a.tar`, { flushIntervalMs: 0 });
    writer.add("one", Uint8Array.of(1));
    assertEquals(members(`${folder}/a.tar`).files.length, 1);
  });
});

Deno.test("TarWriter.add() keeps what it has when the content throws", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    {
      using writer = new TarWriter(path);
      writer.add("one", Uint8Array.of(1));
      const broken = {
        byteLength: 2000,
        writeTo: () => {
          throw new TypeError("no data");
        },
      };
      assertThrows(() => writer.add("broken", broken), TypeError, "no data");
      writer.add("two", Uint8Array.of(2));
    }
    assertEquals(members(path).files.map(([name]) => name), ["one", "two"]);
  });
});

Deno.test("TarWriter refuses a file that exists, unless it shall overwrite it", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    writeTwo(path);
    assertThrows(() => new TarWriter(path), Error, `Cannot create "${path}": expected a name that is not taken yet`);
    new TarWriter(path, { overwrite: true }).close();
    assertEquals(members(path).files, []);
  });
});

Deno.test("TarWriter.add() refuses empty names and closed archives", () => {
  withFolder((folder) => {
    const writer = new TarWriter(`${folder}/a.tar`);
    assertThrows(() => writer.add("", new Uint8Array(1)), TypeError, "expected a name without zero characters");
    assertThrows(() => writer.add("a\0b", new Uint8Array(1)), TypeError, "expected a name without zero characters");
    writer.close();
    writer.close();
    assertThrows(() => writer.add("a", new Uint8Array(1)), TypeError, "expected an open archive, found a closed one");
  });
});

Deno.test("TarWriter names the file when it cannot be created", () => {
  assertThrows(() => new TarWriter("/nowhere/a.tar"), Error, `Cannot create "/nowhere/a.tar": expected an existing`);
});

Deno.test({
  name: "TarWriter names the file and the reason when the disk is full (needs /dev/full)",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    assertThrows(
      () => new TarWriter("/dev/full", { overwrite: true }),
      Error,
      `Cannot write "/dev/full": expected free space on its disk, found "No space left on device`,
    );
  },
});

Deno.test("TarReader reads archives of v1, plain and packed", () => {
  const plain = members(`${DATA}v1_recording.tar`);
  assertEquals(plain.files.map(([name, { length }]) => [name, length]), [
    ["simulated_data_1.parquet", 20532],
    ["simulated_data_2.parquet", 19007],
  ]);
  assertEquals(plain.notice, null);
  assertEquals(members(`${DATA}v1_recording.tar.bz2`), plain);
  withFolder((folder) => {
    // The name does not count.
    Deno.writeFileSync(`${folder}/a.tar`, gzipSync(Deno.readFileSync(`${DATA}v1_recording.tar`)));
    assertEquals(members(`${folder}/a.tar`), plain);
  });
});

Deno.test("TarReader passes over folders and takes long names of GNU tar", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    const longName = "n".repeat(150);
    {
      using writer = new TarWriter(path);
      writer.add("folder/", new Uint8Array(0));
      writer.add("././@LongLink", new TextEncoder().encode(`${longName}\0`));
      writer.add("n".repeat(100), Uint8Array.of(7));
    }
    const bytes = Deno.readFileSync(path);
    const setType = (offset: number, type: string) => {
      bytes[offset + 156] = type.charCodeAt(0);
      const sum = bytes.slice(offset, offset + 512).fill(0x20, 148, 156).reduce((a, b) => a + b, 0);
      bytes.set(new TextEncoder().encode(sum.toString(8).padStart(6, "0")), offset + 148);
    };
    setType(0, "5");
    setType(512, "L");
    Deno.writeFileSync(path, bytes);
    assertEquals(members(path).files, [[longName, Uint8Array.of(7)]]);
  });
});

Deno.test("TarReader notices an archive without end blocks and reads all of it", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    writeTwo(path);
    const bytes = Deno.readFileSync(path);
    for (const length of [2560, 2560 + 100]) {
      Deno.writeFileSync(path, bytes.subarray(0, length));
      const { files, notice } = members(path);
      assertEquals(files.map(([name]) => name), ["a", "b"]);
      assertEquals(notice, `Archive "${path}" has no end mark at byte 2560; the program that wrote it was stopped`);
    }
    // Even the zeros that fill up the last block may be missing.
    Deno.writeFileSync(path, bytes.subarray(0, 2048 + 10));
    assertEquals(members(path).files.length, 2);
  });
});

Deno.test("TarReader leaves out a last file that is cut off and says so", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    writeTwo(path);
    Deno.truncateSync(path, 2053);
    const { files, notice } = members(path);
    assertEquals(files.map(([name]) => name), ["a"]);
    assertStringIncludes(notice ?? "", `"${path}" ends inside "b" at byte 2053: 5 of its 10 bytes are there`);
  });
});

Deno.test("TarReader notices an empty file", () => {
  withFolder((folder) => {
    Deno.writeFileSync(`${folder}/a.tar`, new Uint8Array(0));
    assertEquals(members(`${folder}/a.tar`), { files: [], notice: `Archive "${folder}/a.tar" is an empty file` });
  });
});

Deno.test("TarReader throws naming file and byte when a header is damaged", () => {
  withFolder((folder) => {
    const path = `${folder}/a.tar`;
    writeTwo(path);
    const bytes = Deno.readFileSync(path);
    bytes[1536 + 130] ^= 1;
    Deno.writeFileSync(path, bytes);
    using reader = new TarReader(path);
    assertEquals(reader.next()?.name, "a");
    assertThrows(() => reader.next(), Error, `Cannot read "${path}": expected a tar header at byte 1536`);
  });
});

Deno.test("TarReader refuses files that are no archives", () => {
  withFolder((folder) => {
    for (const length of [100, 2000]) {
      Deno.writeFileSync(`${folder}/a.tar`, new Uint8Array(length).fill(65));
      assertThrows(() => members(`${folder}/a.tar`), Error, "expected a tar archive, found other data at byte 0");
    }
  });
});

Deno.test("TarReader.next() uses its memory again", () => {
  using reader = new TarReader(`${DATA}v1_recording.tar`);
  const first = reader.next();
  const second = reader.next();
  assert(first !== null && second !== null);
  assertEquals(first.data.buffer, second.data.buffer);
  assertEquals(reader.next(), null);
});

Deno.test({
  name: "TarWriter's archives are listed and extracted by the system's tar (needs tar)",
  ignore: !hasTar(),
  fn: () =>
    withFolder((folder) => {
      const path = `${folder}/a.tar`;
      const longName = `${"folder/".repeat(20)}ünï_1.parquet`;
      {
        using writer = new TarWriter(path);
        writer.add("a_1.parquet", Uint8Array.of(1, 2, 3));
        writer.add(longName, new Uint8Array(513));
      }
      const { code, stdout, stderr } = new Deno.Command("tar", { args: ["xvf", path, "-C", folder] }).outputSync();
      assertEquals(code, 0, new TextDecoder().decode(stderr));
      assertEquals(new TextDecoder().decode(stdout).split("\n")[0], "a_1.parquet");
      assertEquals(Deno.readFileSync(`${folder}/a_1.parquet`), Uint8Array.of(1, 2, 3));
      assertEquals(Deno.statSync(`${folder}/${longName}`).size, 513);
    }),
});

function hasTar(): boolean {
  try {
    return new Deno.Command("tar", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync().success;
  } catch {
    return false;
  }
}
