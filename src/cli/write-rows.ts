// cli/write-rows.ts: rows on their way out, in the format asked for.
import { createWriteStream } from "node:fs";
import { once } from "node:events";
import type { Writable } from "node:stream";
import type { RecordBatch, Schema } from "apache-arrow";
import { AlluviumError, arrowIpcStream, valuesOfBatches, writeParquetFile } from "../index.ts";
import { jsonText, plainText } from "./json-text.ts";

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
  const failure = new Promise<never>((_, reject) =>
    sink.once("error", (cause: NodeJS.ErrnoException) => reject(outputError(cause, rows))),
  );
  failure.catch(() => {});
  await Promise.race([writeTo(sink, rows), failure]);
  if (toFile) await Promise.race([new Promise<void>((done) => sink.end(done)), failure]);
}

function outputError(cause: NodeJS.ErrnoException, rows: RowOutput): unknown {
  if (cause.code === "EPIPE") return cause;
  const code = cause.code === "ENOSPC" ? "DISK_FULL" : "IO_ERROR";
  return new AlluviumError(
    code,
    { path: rows.output },
    `cannot write ${rows.output ?? "standard output"}: ${cause.message}`,
  );
}

async function writeTo(sink: Writable, rows: RowOutput): Promise<void> {
  switch (rows.format) {
    case "arrow":
      for await (const chunk of arrowIpcStream(rows.schema, rows.batches)) await put(sink, chunk);
      return;
    case "jsonl":
      return await writeLines(sink, rows.batches, jsonLine(rows.schema));
    case "csv":
      await put(sink, csvLine(rows.schema.names.map(String)));
      return await writeLines(sink, rows.batches, csvLine);
    case "table":
      return await writeTable(sink, rows);
    case "parquet":
      return;
  }
}

async function put(sink: Writable, chunk: string | Uint8Array): Promise<void> {
  if (!sink.write(chunk)) await once(sink, "drain");
}

async function writeLines(
  sink: Writable,
  batches: AsyncIterable<RecordBatch>,
  line: (cells: readonly unknown[]) => string,
): Promise<void> {
  for await (const rows of valuesOfBatches(batches)) {
    let text = "";
    for (const cells of rows) {
      text += line(cells);
      if (text.length > 1 << 16) {
        await put(sink, text);
        text = "";
      }
    }
    await put(sink, text);
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
async function writeTable(sink: Writable, rows: RowOutput): Promise<void> {
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
  await put(sink, gridText(names, lines));
  if (more) await put(sink, `only the first ${tableRowsMax} rows; use --limit, or --format jsonl for all of them\n`);
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
