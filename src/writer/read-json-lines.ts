// writer/read-json-lines.ts: JSON lines as rows, exact: a number keeps all its digits until its column's type is known.
import type { RecordBatch } from "apache-arrow";
import { batchFromRows, inferSchema } from "../engine/arrow/arrow-rows.ts";
import { type ByteSource, fileBytes } from "../engine/files/byte-source.ts";
import { AlluviumError, messageOf } from "../format/text/error.ts";
import { parseJsonWith } from "../format/text/json-int64.ts";
import { findField } from "../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import type { Content } from "./read-arrow-file.ts";
import type { Rows } from "./rows.ts";

/**
 * The rows of files with one JSON object a line; empty lines are passed over. Columns that the table lacks, and all columns when there
 * is no table, get their type from the first lines. Binary is Base64.
 * @throws AlluviumError `CORRUPT_FILE` naming the line, `DELTA_METADATA_MISMATCH` for a column that comes up late,
 *   `CAST_INVALID_INPUT` for a value that is not of its column's type
 */
export async function readJsonLines(
  contents: readonly Content[],
  tableSchema: StructType | null,
): Promise<Extract<Rows, { readonly kind: "arrow" }>> {
  const chunks = chunksOf(contents);
  const first = await chunks.next();
  if (first.done === true && tableSchema === null)
    throw new AlluviumError("INVALID_ARGUMENT", {}, "the input holds no row to take columns from");
  const rows = first.done === true ? [] : first.value;
  const schema = schemaOf(rows, tableSchema);
  const close = async (): Promise<void> => void (await chunks.return(undefined));
  return { kind: "arrow", schema, batches: batchesOf(schema, rows, chunks), close };
}

type JsonRow = Readonly<Record<string, unknown>>;

/** A number that a double cannot hold digit by digit. */
class LongNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

const rowsPerBatch = 8192;

async function* batchesOf(
  schema: StructType,
  first: readonly JsonRow[],
  rest: AsyncIterable<readonly JsonRow[]>,
): AsyncGenerator<RecordBatch> {
  if (first.length > 0) yield batchOf(schema, first);
  for await (const rows of rest) yield batchOf(schema, rows);
}

function batchOf(schema: StructType, rows: readonly JsonRow[]): RecordBatch {
  const known = new Set(schema.fields.map((field) => field.name));
  const late = rows.flatMap((row) => Object.keys(row)).find((key) => !known.has(key));
  if (late !== undefined) {
    const message = `the column ${late} comes up after the first ${rowsPerBatch} lines, which did not have it; put a line with all columns first, or name them all in the table`;
    throw new AlluviumError("DELTA_METADATA_MISMATCH", { column: late }, message);
  }
  const typed = rows.map((row) =>
    Object.fromEntries(schema.fields.map((field) => [field.name, valueOf(row[field.name] ?? null, field.type)])),
  );
  try {
    return batchFromRows(schema, typed);
  } catch (cause) {
    if (!(cause instanceof AlluviumError) || cause.code !== "INVALID_ARGUMENT") throw cause;
    throw new AlluviumError("CAST_INVALID_INPUT", cause.context, cause.message, { cause });
  }
}

function schemaOf(rows: readonly JsonRow[], tableSchema: StructType | null): StructType {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const known = keys.map((key) => (tableSchema === null ? undefined : findField(tableSchema, key)));
  const unknown = keys.filter((_, index) => known[index] === undefined);
  const inferred = new Map(
    inferSchema(rows.map((row) => inferable(row, unknown))).fields.map((field) => [field.name, field]),
  );
  const fields = keys.flatMap((key, index): StructField[] => {
    const field = known[index] ?? inferred.get(key);
    return field === undefined ? [] : [{ ...field, name: key }];
  });
  return { kind: "struct", fields };
}

function inferable(row: JsonRow, keys: readonly string[]): JsonRow {
  return Object.fromEntries(keys.filter((key) => key in row).map((key) => [key, plain(row[key])]));
}

function plain(value: unknown): unknown {
  if (value instanceof LongNumber) return /^-?\d+$/.test(value.text) ? BigInt(value.text) : Number(value.text);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** A JSON value as the builder of Arrow columns takes it. */
function valueOf(value: unknown, type: DataType): unknown {
  if (value === null || value === undefined) return null;
  if (value instanceof LongNumber) return numberOf(value, type);
  switch (type.kind) {
    case "array":
      return Array.isArray(value) ? value.map((element) => valueOf(element, type.elementType)) : value;
    case "map":
      return typeof value === "object"
        ? new Map(
            Object.entries(value).map(([key, inner]) => [keyOf(key, type.keyType), valueOf(inner, type.valueType)]),
          )
        : value;
    case "struct":
      return typeof value === "object" && !Array.isArray(value) ? structOf(value as JsonRow, type) : value;
    case "decimal":
      return value;
    case "primitive":
      return typeof value === "string" ? textAs(value, type.name) : value;
  }
}

function structOf(value: JsonRow, type: StructType): unknown {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const field = findField(type, key);
      return field === undefined ? [key, plain(inner)] : [field.name, valueOf(inner, field.type)];
    }),
  );
}

function numberOf({ text }: LongNumber, type: DataType): unknown {
  if (type.kind === "decimal") return text;
  return /^-?\d+$/.test(text) && !(type.kind === "primitive" && (type.name === "double" || type.name === "float"))
    ? BigInt(text)
    : Number(text);
}

function textAs(text: string, name: string): unknown {
  if (name === "binary") return base64.test(text) ? new Uint8Array(Buffer.from(text, "base64")) : text;
  const isSpecial = (name === "double" || name === "float") && /^(?:NaN|[+-]?Infinity)$/.test(text);
  return isSpecial ? Number(text) : text;
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/** Keys of JSON objects are text, whatever type the map has. */
function keyOf(key: string, type: DataType): unknown {
  if (type.kind !== "primitive") return key;
  if (type.name === "boolean") return key === "true" ? true : key === "false" ? false : key;
  const isInteger = type.name === "byte" || type.name === "short" || type.name === "integer" || type.name === "long";
  if (isInteger) return /^-?\d+$/.test(key) ? BigInt(key) : key;
  return (type.name === "double" || type.name === "float") && key !== "" ? Number(key) : textAs(key, type.name);
}

async function* chunksOf(contents: readonly Content[]): AsyncGenerator<readonly JsonRow[], undefined> {
  let rows: JsonRow[] = [];
  for (const content of contents) {
    for await (const row of rowsOf(typeof content === "string" ? fileBytes(content) : content())) {
      rows.push(row);
      if (rows.length < rowsPerBatch) continue;
      yield rows;
      rows = [];
    }
  }
  if (rows.length > 0) yield rows;
  return undefined;
}

async function* rowsOf(source: ByteSource): AsyncGenerator<JsonRow> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let line = 0;
  for await (const bytes of linesOf(source)) {
    line += 1;
    const row = parseLine(bytes, { decoder, line });
    if (row !== null) yield row;
  }
}

/** Lines without their ends; only a piece and the line that it cuts are held. */
async function* linesOf(source: ByteSource): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array[] = [];
  for await (const piece of source) {
    let start = 0;
    for (let end = piece.indexOf(newline); end >= 0; end = piece.indexOf(newline, start)) {
      const last = piece.subarray(start, end);
      yield rest.length === 0 ? last : Buffer.concat([...rest, last]);
      rest = [];
      start = end + 1;
    }
    if (start < piece.length) rest.push(piece.subarray(start));
  }
  if (rest.length > 0) yield Buffer.concat(rest);
}

const newline = 0x0a;

function parseLine(
  bytes: Uint8Array,
  { decoder, line }: { readonly decoder: InstanceType<typeof TextDecoder>; readonly line: number },
): JsonRow | null {
  let value: unknown;
  try {
    const text = decoder.decode(bytes);
    if (text.trim() === "") return null;
    value = parseJsonWith(text, (token) => new LongNumber(token));
  } catch (cause) {
    const why = messageOf(cause);
    throw new AlluviumError("CORRUPT_FILE", { line }, `line ${line} of the input is not JSON: ${why}`, { cause });
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof LongNumber))
    return value as JsonRow;
  throw new AlluviumError("CORRUPT_FILE", { line }, `line ${line} of the input is not a JSON object`);
}
