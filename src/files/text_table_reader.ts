/** Reader of tables that were written as text. */
import { fileError } from "./file_error.ts";
import { cellsOf } from "./text_cells.ts";

/** A table of numbers with a title over each column. */
export interface TextTable {
  /** Titles of the columns in their order. */
  readonly header: readonly string[];
  /** Number of lines below the header. */
  readonly rows: number;
  /** Values of each column by its title; what is not a number is NaN. */
  readonly columns: ReadonlyMap<string, Float64Array<ArrayBuffer>>;
}

/**
 * Reads a table from a file, see {@linkcode parseTextTable}. Synchronous.
 *
 * @throws {Error} If the file cannot be read; the message names it.
 * @throws {SyntaxError} If it is no such table; the message names the line.
 *
 * @example Read a column of a file
 * ```ts
 * import { readTextTable } from "@mimocorb/daq";
 * import { assertEquals } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync({ suffix: ".csv" });
 * Deno.writeTextFileSync(path, "counter,height\n0,12.5\n1,9\n");
 * const { rows, columns } = readTextTable(path);
 * assertEquals(rows, 2);
 * assertEquals([...columns.get("height")!], [12.5, 9]);
 * Deno.removeSync(path);
 * ```
 */
export function readTextTable(path: string): TextTable {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    throw fileError("read", path, error);
  }
  return parseTextTable(text, path);
}

/**
 * Reads a table from text: a header line and lines of numbers, with a tab, comma or semicolon between columns, whichever
 * of them the header has. A last line without line end and fewer columns, as a killed program leaves it, is left out.
 *
 * @param text The table.
 * @param name Its name, for messages. @default {"the table"}
 * @throws {SyntaxError} If there is no header, or a line has another number of columns; the message names the line.
 */
export function parseTextTable(text: string, name = "the table"): TextTable {
  const lines = text.split(/\r?\n/);
  const isLastLineWhole = lines[lines.length - 1] === "";
  if (isLastLineWhole) lines.pop();
  const headerLine = lines[0] ?? "";
  const separator = ["\t", ",", ";"].find((mark) => headerLine.includes(mark)) ?? "\t";
  const header = cellsOf(headerLine, separator);
  if (header.every((title) => title === "")) {
    throw new SyntaxError(`Cannot read "${name}": expected a header line with the columns' titles, found none`);
  }
  let rows = lines.length - 1;
  const values = header.map(() => new Float64Array(rows));
  for (let row = 0; row < rows; row++) {
    const cells = cellsOf(lines[row + 1], separator);
    if (cells.length < header.length && row === rows - 1 && !isLastLineWhole) {
      rows--;
      break;
    }
    if (cells.length !== header.length) {
      throw new SyntaxError(
        `Cannot read "${name}", line ${row + 2}: expected ${header.length} columns, found ${cells.length}`,
      );
    }
    for (let column = 0; column < cells.length; column++) values[column][row] = numberOf(cells[column]);
  }
  const columns = new Map(header.map((title, column) => [title, values[column].slice(0, rows)]));
  return { header, rows, columns };
}

function numberOf(cell: string): number {
  const text = cell.trim();
  if (text === "") return NaN;
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text);
  if (infinity !== null) return infinity[1] === "-" ? -Infinity : Infinity;
  return Number(text);
}
