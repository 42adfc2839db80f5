import { tableLosses } from "../../src/control/table_losses.ts";
import { ParquetTableWriter } from "../../src/files/parquet_table_writer.ts";
import { allocateColumns, recordLayout } from "../../src/record/record_layout.ts";
import type { GroupTally, RingTally } from "../../src/ring/ring_status.ts";
import { assertEquals } from "../../src/std/assert.js";

Deno.test("tableLosses() says which tables have fewer rows than their group has processed", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const layout = recordLayout("float64", 1);
    const data = allocateColumns(layout);
    for (const worker of [0, 1]) {
      const origin = { ring: "RB_1", function: "Fkt_2", worker };
      using table = new ParquetTableWriter(`${folder}/waves`, layout, { origin, worker });
      for (let counter = 0; counter < 5; counter++) table.write({ data, counter, timestamp: 1, deadtime: 0 });
    }
    Deno.mkdirSync(`${folder}/other`);
    const lossesOf = (name: string, processed: number) => {
      const groups = [{ name, processed } as GroupTally];
      const tallies = new Map([["RB_1", { groups: groups as readonly GroupTally[] } as RingTally]]);
      return tableLosses(folder, ["other", "waves", "waves/part-00000.parquet"], tallies);
    };
    const text = '"waves": 3 events since the last row group of a writer that was killed are not in the table';
    assertEquals(lossesOf("Fkt_2", 13), [text]);
    assertEquals(lossesOf("Fkt_2", 10), []);
    assertEquals(lossesOf("Fkt_2+Fkt_3", 13), []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
