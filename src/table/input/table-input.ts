// table/input/table-input.ts: what a person may hand over as rows, made into Rows for the writer.
import type { RecordBatch, Table } from "apache-arrow";
import { batchFromRows, inferSchema } from "../../engine/arrow/arrow-rows.ts";
import { fromArrowSchema } from "../../engine/arrow/arrow-schema.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { computedColumn } from "../../format/schema/computed-column.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import type { Rows } from "../../writer/rows.ts";

/** A row as a JavaScript object: column name to value. */
export type RowObject = Readonly<Record<string, unknown>>;

/** A row to write: an object, also one of a TypeScript interface, whose keys name columns. */
export type RowInput = object;

/** One portion of input. */
export type InputPortion = RowInput | Table | RecordBatch;

/** Something that can give its rows to a table: a DataFrame, or input files. */
export interface RowsProvider {
  /** @param tableSchema null where there is no table yet */
  toTableRows(engine: Engine, tableSchema: StructType | null): Promise<Rows>;
}

/** Rows to write: row objects, Arrow data, iterables of those (sync or async), or a DataFrame. */
export type TableInput = InputPortion | Iterable<InputPortion> | AsyncIterable<InputPortion> | RowsProvider;

/**
 * Makes rows for the writer; an iterable is pulled as the writer goes, a few thousand rows at a time.
 * @param tableSchema types for row objects where the table exists; without it they are inferred from the first rows
 * @throws AlluviumError `INVALID_ARGUMENT` when the input is not rows, or holds no row to infer a schema from
 */
export async function toRows(engine: Engine, input: TableInput, tableSchema: StructType | null): Promise<Rows> {
  if (typeof input !== "object" || input === null) throw invalid(`${String(input)} is not rows`);
  if (isProvider(input)) return input.toTableRows(engine, tableSchema);
  const chunks = chunked(portions(input));
  const first = await chunks.next();
  if (first.done === true) return emptyRows(tableSchema);
  const schema = first.value.kind === "rows" ? schemaOfRows(first.value.rows, tableSchema) : first.value.schema;
  const close = async (): Promise<void> => void (await chunks.return(undefined));
  return { kind: "arrow", schema, batches: batchesOf(first.value, chunks, schema), close };
}

type Chunk =
  | { readonly kind: "rows"; readonly rows: readonly RowObject[] }
  | { readonly kind: "arrow"; readonly schema: StructType; readonly batches: readonly RecordBatch[] };

const rowsPerChunk = 8192;

function emptyRows(tableSchema: StructType | null): Rows {
  if (tableSchema !== null) {
    // Rows that are not there bring no values of columns that the table computes.
    const fields = tableSchema.fields.filter((field) => computedColumn(field) === null);
    return { kind: "arrow", schema: { kind: "struct", fields }, batches: noBatches() };
  }
  throw invalid("there is no row to take a schema from; create the table with a schema first");
}

// eslint-disable-next-line eslint/require-yield -- an empty stream of batches
async function* noBatches(): AsyncGenerator<RecordBatch> {}

async function* portions(input: Exclude<TableInput, RowsProvider>): AsyncGenerator<InputPortion> {
  if (isArrow(input)) yield input;
  else if (Symbol.asyncIterator in input) yield* input as AsyncIterable<InputPortion>;
  else if (Symbol.iterator in input) yield* input as Iterable<InputPortion>;
  else yield input;
}

async function* chunked(source: AsyncIterable<InputPortion>): AsyncGenerator<Chunk, undefined> {
  let rows: RowObject[] = [];
  for await (const portion of source) {
    if (typeof portion !== "object" || portion === null) throw invalid(`${String(portion)} is not a row`);
    if (isArrow(portion)) {
      if (rows.length > 0) yield { kind: "rows", rows };
      rows = [];
      yield arrowChunk(portion);
    } else if (rows.push(portion as RowObject) === rowsPerChunk) {
      yield { kind: "rows", rows };
      rows = [];
    }
  }
  if (rows.length > 0) yield { kind: "rows", rows };
  return undefined;
}

function arrowChunk(data: Table | RecordBatch): Chunk {
  return { kind: "arrow", schema: fromArrowSchema(data.schema), batches: "batches" in data ? data.batches : [data] };
}

async function* batchesOf(first: Chunk, rest: AsyncIterable<Chunk>, schema: StructType): AsyncGenerator<RecordBatch> {
  yield* chunkBatches(first, schema);
  for await (const chunk of rest) yield* chunkBatches(chunk, schema);
}

function chunkBatches(chunk: Chunk, schema: StructType): readonly RecordBatch[] {
  if (chunk.kind === "arrow") {
    if (
      chunk.schema.fields.map((field) => field.name).join("\0") !== schema.fields.map((field) => field.name).join("\0")
    ) {
      throw invalid("all Arrow portions of one write must have the same columns");
    }
    return chunk.batches;
  }
  const known = new Set(schema.fields.map((field) => field.name));
  for (const row of chunk.rows) {
    const extra = Object.keys(row).find((key) => !known.has(key));
    if (extra !== undefined) {
      throw new AlluviumError(
        "DELTA_METADATA_MISMATCH",
        { column: extra },
        `a later row has the column ${extra}, which the first rows of this write did not have; ` +
          "give every row the same keys, or write them apart",
      );
    }
  }
  return [batchFromRows(schema, chunk.rows)];
}

/** Known columns take the table's types under the key the rows use; new ones are inferred. */
function schemaOfRows(rows: readonly RowObject[], tableSchema: StructType | null): StructType {
  const keys = new Set(rows.flatMap((row) => Object.keys(row)));
  const known = new Map((tableSchema?.fields ?? []).map((field) => [field.name.toLowerCase(), field]));
  const unknown = [...keys].filter((key) => !known.has(key.toLowerCase()));
  const inferred = unknown.length === 0 ? [] : inferSchema(rows.map((row) => pick(row, unknown))).fields;
  const inferredByName = new Map(inferred.map((field) => [field.name, field]));
  const fields = [...keys].flatMap((key): StructField[] => {
    const field = known.get(key.toLowerCase());
    if (field !== undefined) return [{ ...field, name: key }];
    const added = inferredByName.get(key);
    return added === undefined ? [] : [added];
  });
  if (fields.length === 0) throw invalid("the rows have no columns");
  return { kind: "struct", fields };
}

function pick(row: RowObject, keys: readonly string[]): RowObject {
  return Object.fromEntries(keys.filter((key) => key in row).map((key) => [key, row[key]]));
}

function isProvider(input: TableInput): input is RowsProvider {
  return "toTableRows" in input && typeof input.toTableRows === "function";
}

// Shape, not `instanceof`: a program may hold another copy of apache-arrow than ours.
function isArrow(value: object): value is Table | RecordBatch {
  return "schema" in value && "numRows" in value && ("batches" in value || "data" in value) && "numCols" in value;
}

function invalid(message: string): AlluviumError {
  return new AlluviumError(
    "INVALID_ARGUMENT",
    {},
    `${message}; rows are objects, apache-arrow data, or iterables of those`,
  );
}
