import { isFileOfRun } from "../../src/control/run_files.ts";
import { assertEquals } from "../../src/std/assert.js";

const FILES = ["numbers.txt", "jour.mjournal", "sub/deep.mjournal", "table", "waves.tar", "x.csv"];

Deno.test("isFileOfRun() knows what every run writes, what functions have named, and how their files are continued", () => {
  for (
    const path of [
      "log.txt",
      "stats.csv",
      "run.yaml.new",
      "unfinished/RB_1_Fkt_2.mjournal",
      "numbers.txt",
      "x.csv.new",
      "jour.mjournal",
      "jour_0001.mjournal",
      "jour_12345.mjournal",
      "sub/deep_0002.mjournal",
      "table",
      "table/part-00000.parquet",
      "table/part-00003_1.parquet",
      "table.part-00003.parquet.new",
      "table.part-00003_2.parquet.new",
      "table.room.new",
      "table.room_1.new",
      "waves.tar",
    ]
  ) assertEquals(isFileOfRun(path, FILES), true, path);
});

Deno.test("isFileOfRun() leaves other files alone, however much their names look like it", () => {
  for (
    const path of [
      "scan.csv",
      "calib.json.new",
      "numbers_1.txt",
      "jour_old.mjournal",
      "jour_001.mjournal",
      "jour_0001.csv",
      "journal_0001.mjournal",
      "deep_0002.mjournal",
      "table/notes.csv",
      "table/part-1.parquet",
      "tables/part-00000.parquet",
      "mytable.room.new",
      "waves.tar.gz",
      "sub",
      "sub/log.txt",
      "run.yaml.new.new",
    ]
  ) assertEquals(isFileOfRun(path, FILES), false, path);
});
