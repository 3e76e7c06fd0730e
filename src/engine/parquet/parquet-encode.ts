// engine/parquet/parquet-encode.ts: Arrow batches as the bytes of one Parquet file.
import { DataType as ArrowType } from "apache-arrow";
import type { Data, Field, RecordBatch, Schema } from "apache-arrow";
import { Compression, Encoding, EnabledStatistics, Table, WriterPropertiesBuilder, writeParquet } from "parquet-wasm";
import type { WriterProperties } from "parquet-wasm";
import { assert } from "../../format/text/error.ts";
import { remembered } from "../../format/text/remembered.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import { encodeIpcStream } from "../arrow/arrow-ipc.ts";
import { arrowSchemaWithIds } from "../arrow/arrow-field-ids.ts";

/**
 * One Parquet file: snappy, statistics per column chunk, encodings by type. Batches must have the Arrow schema of `schema`.
 * A column that holds NaN has no statistics: the bounds would leave NaN out, and Spark, to which NaN is above all numbers,
 * would pass over its rows.
 */
export function encodeParquet(schema: StructType, batches: readonly RecordBatch[]): Uint8Array {
  const arrowSchema = arrowSchemaOf(schema);
  for (const batch of batches) assertSameTypes(arrowSchema, batch.schema);
  const table = Table.fromIPCStream(encodeIpcStream(arrowSchema, batches));
  const rowCount = batches.reduce((sum, batch) => sum + batch.numRows, 0);
  return writeParquet(table, writerProperties(schema, { withNaN: columnsWithNaN(schema, batches), rowCount }));
}

const arrowSchemaOf = remembered(arrowSchemaWithIds);

const describe = remembered((schema: Schema): string =>
  schema.fields.map((field: Field) => `${field.name} ${String(field.type)}`).join(", "),
);

function assertSameTypes(expected: Schema, actual: Schema): void {
  const isSame = expected.fields.length === actual.fields.length && describe(expected) === describe(actual);
  assert(isSame, `batches of (${describe(actual)}) for a file of (${describe(expected)})`);
}

interface FileContent {
  readonly withNaN: ReadonlySet<string>;
  readonly rowCount: number;
}

function writerProperties(schema: StructType, { withNaN, rowCount }: FileContent): WriterProperties {
  const isNested = ({ type }: StructField): boolean => type.kind !== "primitive" && type.kind !== "decimal";
  // A leaf inside a column cannot be named to the writer, so that one with NaN costs all nested columns their statistics.
  const keepsNested = !schema.fields.some((field) => isNested(field) && withNaN.has(field.name));
  const chosen = (isKept: boolean): EnabledStatistics => (isKept ? EnabledStatistics.Chunk : EnabledStatistics.None);
  let builder = new WriterPropertiesBuilder()
    .setCompression(Compression.SNAPPY)
    .setStatisticsEnabled(chosen(keepsNested))
    .setCreatedBy(createdBy);
  for (const field of schema.fields) {
    builder = withEncoding(builder, field, rowCount);
    const isKept = !withNaN.has(field.name);
    if (!isNested(field) && isKept !== keepsNested)
      builder = builder.setColumnStatisticsEnabled(field.name, chosen(isKept));
  }
  return builder.build();
}

/** Names of top-level columns with NaN in them, at any depth. */
function columnsWithNaN(schema: StructType, batches: readonly RecordBatch[]): ReadonlySet<string> {
  const found = schema.fields.filter((_, index) => batches.some(({ data }) => holdsNaN(data.children[index])));
  return new Set(found.map(({ name }) => name));
}

function holdsNaN(data: Data | undefined): boolean {
  if (data === undefined) return false;
  if (!ArrowType.isFloat(data.type)) return data.children.some((child: Data) => holdsNaN(child));
  const values = data.values as Float32Array | Float64Array;
  for (let index = 0; index < values.length; index += 1) if (Number.isNaN(values[index])) return true;
  return false;
}

/** Written into the footer; readers go by it when they work around the bugs of particular writers. */
const createdBy = "parquet-rs (alluvium)";

/**
 * Dictionaries pay for text only, and only where rows are many; whole numbers, dates and times shrink most as packed differences.
 * Nested columns keep the default.
 */
function withEncoding(
  builder: WriterPropertiesBuilder,
  { name, type }: StructField,
  rowCount: number,
): WriterPropertiesBuilder {
  const physical = physicalKind(type);
  if (physical === "text")
    return rowCount < dictionaryRowsMin ? builder.setColumnDictionaryEnabled(name, false) : builder;
  if (physical === "other") return builder;
  const plain = builder.setColumnDictionaryEnabled(name, false);
  return physical === "integer" ? plain.setColumnEncoding(name, Encoding.DELTA_BINARY_PACKED) : plain;
}

// Below that, making a dictionary takes longer than all the rest, and saves nothing that compression does not.
const dictionaryRowsMin = 4096;

function physicalKind(type: DataType): "integer" | "number" | "text" | "other" {
  if (type.kind === "decimal") return "number";
  if (type.kind !== "primitive") return "other";
  switch (type.name) {
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return "integer";
    case "boolean":
    case "float":
    case "double":
      return "number";
    case "string":
    case "binary":
      return "text";
    case "void":
    case "variant":
      return "other";
  }
}
