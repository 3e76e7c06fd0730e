// cli/write-rows.ts: rows on their way out, in the format asked for.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { RecordBatch, Schema } from "apache-arrow";
import { AlluviumError, arrowIpcStream, valuesOfBatches, writeParquetFile } from "../index.ts";
import { jsonText, plainText } from "./json-text.ts";
import { outputError } from "./put.ts";

/** Formats of `--format`. */
export const rowFormats = ["table", "jsonl", "csv", "arrow", "parquet"] as const;

/** One of the formats. */
export type RowFormat = (typeof rowFormats)[number];

/** What is written, how, and where; `output` absent or `-` is standard output. */
export interface RowOutput {
  readonly schema: Schema;
  readonly batches: AsyncIterable<RecordBatch>;
  readonly format: RowFormat;
  readonly output?: string | undefined;
}

/** @throws AlluviumError `INVALID_ARGUMENT` for a format that is not one */
export function rowFormat(text: string): RowFormat {
  const format = rowFormats.find((name) => name === text.toLowerCase());
  if (format !== undefined) return format;
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { format: text },
    `--format is one of ${rowFormats.join(", ")}, not ${text}`,
  );
}

/** Writes all rows and closes the output. */
export async function writeRows(rows: RowOutput): Promise<void> {
  const toFile = rows.output !== undefined && rows.output !== "-";
  if (rows.format === "parquet") {
    if (!toFile) throw new AlluviumError("INVALID_ARGUMENT", {}, "parquet needs --output FILE; it cannot be a stream");
    return await writeParquetFile(rows.output, rows);
  }
  const sink = toFile ? createWriteStream(rows.output) : process.stdout;
  await pipeline(chunksOf(rows, rows.format), sink, { end: toFile }).catch((cause) => {
    throw outputError(cause, rows.output);
  });
}

function chunksOf(rows: RowOutput, format: Exclude<RowFormat, "parquet">): AsyncIterable<string | Uint8Array> {
  switch (format) {
    case "arrow":
      return arrowIpcStream(rows.schema, rows.batches);
    case "jsonl":
      return linesOf(rows.batches, jsonLine(rows.schema));
    case "csv":
      return csvOf(rows);
    case "table":
      return tableOf(rows);
  }
}

async function* csvOf({ schema, batches }: RowOutput): AsyncGenerator<string> {
  yield csvLine(schema.names.map(String));
  yield* linesOf(batches, csvLine);
}

async function* linesOf(
  batches: AsyncIterable<RecordBatch>,
  line: (cells: readonly unknown[]) => string,
): AsyncGenerator<string> {
  for await (const rows of valuesOfBatches(batches)) {
    let text = "";
    for (const cells of rows) {
      text += line(cells);
      if (text.length > 1 << 16) {
        yield text;
        text = "";
      }
    }
    yield text;
  }
}

/** @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND` for two columns of one name, which no object holds */
function jsonLine(schema: Schema): (cells: readonly unknown[]) => string {
  const names = schema.names.map(String);
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) {
    const message = `there are two columns named ${JSON.stringify(twice)}, which a JSON object cannot hold; name them apart with AS, or take --format csv`;
    throw new AlluviumError("DELTA_DUPLICATE_COLUMNS_FOUND", { column: twice }, message);
  }
  return (cells) => `{${names.map((name, at) => `${JSON.stringify(name)}:${jsonText(cells[at])}`).join(",")}}\n`;
}

const csvLine = (cells: readonly unknown[]): string =>
  `${cells.map((value) => (value === null ? "" : csvCell(plainText(value)))).join(",")}\n`;

const csvCell = (text: string): string =>
  text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;

const tableRowsMax = 1000;

/** A grid as Spark's `show` draws it, of the first rows. */
async function* tableOf(rows: RowOutput): AsyncGenerator<string> {
  const names = rows.schema.names.map(String);
  const lines: string[][] = [];
  let more = false;
  read: for await (const some of valuesOfBatches(rows.batches)) {
    for (const cells of some) {
      more = lines.length === tableRowsMax;
      if (more) break read;
      lines.push(cells.map((value) => plainText(value).replaceAll(/[\r\n]+/g, "⏎")));
    }
  }
  yield gridText(names, lines);
  if (more) yield `only the first ${tableRowsMax} rows; use --limit, or --format jsonl for all of them\n`;
}

/** Text of a grid: a head, a line below it, the cells. */
export function gridText(names: readonly string[], lines: readonly (readonly string[])[]): string {
  const widths = names.map((name, at) =>
    lines.reduce((most, line) => Math.max(most, (line[at] ?? "").length), name.length),
  );
  const rule = `+${widths.map((width) => "-".repeat(width + 2)).join("+")}+\n`;
  const row = (cells: readonly string[]): string =>
    `|${widths.map((width, at) => ` ${(cells[at] ?? "").padEnd(width)} `).join("|")}|\n`;
  return rule + row(names) + rule + lines.map(row).join("") + (lines.length > 0 ? rule : "");
}
