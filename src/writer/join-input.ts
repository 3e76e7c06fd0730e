// writer/join-input.ts: rows of files of several formats as one input.
import { queryBatches } from "../engine/duckdb/query-batches.ts";
import { type DataType, Field, RecordBatch, Schema, Struct, makeData } from "apache-arrow";
import { buildColumn } from "../engine/arrow/arrow-build.ts";
import { toArrowSchema } from "../engine/arrow/arrow-schema.ts";
import type { Engine } from "../engine/base/engine.ts";
import { AlluviumError } from "../format/text/error.ts";
import { formatType, schemaEquals } from "../format/schema/schema-type.ts";
import type { StructField, StructType } from "../format/schema/schema.ts";
import { type Rows, closeRows } from "./rows.ts";

/** Rows that are not files of a table. */
export type FileRows = Exclude<Rows, { readonly kind: "files" }>;

/**
 * The rows of all, one after another; a column that some lack is null there.
 * @throws AlluviumError `INVALID_ARGUMENT` for a column that has another type in one of them
 */
export function joinedRows(engine: Engine, inputs: readonly FileRows[]): FileRows {
  const schema: StructType = { kind: "struct", fields: joinedFields(inputs) };
  const close = async (): Promise<void> => {
    for (const input of inputs) await closeRows(input);
  };
  return { kind: "arrow", schema, batches: joinedBatches(engine, inputs, schema), close };
}

function joinedFields(inputs: readonly FileRows[]): readonly StructField[] {
  const fields = new Map<string, StructField>();
  for (const field of inputs.flatMap((input) => input.schema.fields)) {
    const known = fields.get(field.name.toLowerCase());
    if (known !== undefined && !sameType(known, field)) {
      const message = `the column ${field.name} is ${formatType(known.type)} in one file and ${formatType(field.type)} in one of another format; write them apart, or name its type in the table`;
      throw new AlluviumError("INVALID_ARGUMENT", { column: field.name }, message);
    }
    if (known === undefined) fields.set(field.name.toLowerCase(), { ...field, nullable: true });
  }
  return [...fields.values()];
}

const sameType = (a: StructField, b: StructField): boolean =>
  schemaEquals(
    { kind: "struct", fields: [{ ...a, name: "c" }] },
    { kind: "struct", fields: [{ ...b, name: "c" }] },
    { ignoreNullability: true },
  );

async function* joinedBatches(
  engine: Engine,
  inputs: readonly FileRows[],
  schema: StructType,
): AsyncGenerator<RecordBatch> {
  for (const input of inputs) {
    const places = schema.fields.map((field) =>
      input.schema.fields.findIndex((own) => own.name.toLowerCase() === field.name.toLowerCase()),
    );
    const batches = input.kind === "arrow" ? input.batches : queryBatches(engine, input);
    for await (const batch of batches) yield placed(batch, schema, places);
  }
}

/** The columns of a batch in the order of the whole; -1 is one that it lacks. */
function placed(batch: RecordBatch, schema: StructType, places: readonly number[]): RecordBatch {
  const arrowSchema = toArrowSchema(schema);
  const children = schema.fields.map((field, index) => {
    const own = batch.data.children[places[index] ?? -1];
    if (own !== undefined) return own;
    const values = Array.from({ length: batch.numRows }, () => null);
    return buildColumn(field.type, { values, path: field.name, rowOf: (row) => row });
  });
  const fields = arrowSchema.fields.map(
    (field, index) => new Field(field.name, children[index]?.type as DataType, true),
  );
  const data = makeData({ type: new Struct(fields), length: batch.numRows, nullCount: 0, children });
  return new RecordBatch(new Schema(fields), data);
}
