// writer/split-batch.ts: the rows of an Arrow batch by partition, and batches too large for one file in pieces.
import { DataType as ArrowType, RecordBatch, Struct, makeData } from "apache-arrow";
import type { Data, Schema } from "apache-arrow";
import { toArrowSchema } from "../engine/arrow/arrow-schema.ts";
import type { PartitionValues } from "../format/action/action.ts";
import { assert } from "../format/text/error.ts";
import { formatPartitionValue } from "../format/value/partition-value.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import { remembered } from "../format/text/remembered.ts";
import { scalarReader } from "./arrow-scalar.ts";
import { takeData } from "./arrow-take.ts";
import { fileFields, partitionFields } from "./write-target.ts";
import type { WriteTarget } from "./write-target.ts";

/** Rows of one partition, without the partition columns. */
export interface PartitionPiece {
  readonly partitionValues: PartitionValues;
  readonly batch: RecordBatch;
}

/** Splits batches of the target's schema; one for each target. */
export type PartitionSplitter = (batch: RecordBatch) => readonly PartitionPiece[];

/** A splitter for the target's partition columns. Empty text and empty bytes are null, as in the log. */
export function partitionSplitter(target: WriteTarget): PartitionSplitter {
  const fileSchema = arrowFileSchema(target);
  const columnsOf = (batch: RecordBatch, names: readonly string[]): readonly Data[] =>
    names.map((name) => columnNamed(batch, name));
  const dataNames = fileSchema.fields.map((field) => field.name);
  const partitions = partitionFields(target);
  return (batch) => {
    const columns = columnsOf(batch, dataNames);
    if (partitions.length === 0)
      return [{ partitionValues: new Map(), batch: makeBatch(fileSchema, columns, batch.numRows) }];
    const readers = partitions.map(({ name, type }) =>
      textReader(scalarReader(columnNamed(batch, name), name), (value) => formatPartitionValue(value, type)),
    );
    const groups = groupRows(batch.numRows, (index) => readers.map((read) => read(index)));
    return groups.map(({ texts, indices }) => ({
      partitionValues: new Map(partitions.map(({ name }, at) => [name, texts[at] ?? null])),
      batch: makeBatch(
        fileSchema,
        groups.length === 1 ? columns : columns.map((data) => takeData(data, Int32Array.from(indices))),
        indices.length,
      ),
    }));
  };
}

const arrowFileSchema = remembered((target: WriteTarget) =>
  toArrowSchema({ kind: "struct", fields: fileFields(target) }),
);

/** The batch in pieces of about `sizeBytesMax` of memory each, at least a row. */
export function cutBatch(batch: RecordBatch, sizeBytesMax: number): readonly RecordBatch[] {
  const sizeBytes = batchSizeBytes(batch);
  if (sizeBytes <= sizeBytesMax) return [batch];
  const rowCount = Math.max(1, Math.floor((batch.numRows * sizeBytesMax) / sizeBytes));
  const pieces: RecordBatch[] = [];
  for (let start = 0; start < batch.numRows; start += rowCount)
    pieces.push(batch.slice(start, Math.min(start + rowCount, batch.numRows)));
  return pieces;
}

/** Memory that the rows of a batch take; what a slice leaves out of its buffers does not count. */
export function batchSizeBytes(batch: RecordBatch): number {
  return batch.data.children.reduce((sum, data) => sum + usedBytes(data), 0);
}

function usedBytes(data: Data): number {
  const { type, length } = data;
  if (ArrowType.isStruct(type)) return data.children.reduce((sum, child) => sum + usedBytes(child), 0);
  const offsets = data.valueOffsets as unknown as ArrayLike<number | bigint> | undefined;
  if (offsets !== undefined && offsets.length > length) {
    const span = Number(offsets[length]) - Number(offsets[0]);
    const [child] = data.children;
    const share = child === undefined || child.length === 0 ? span : (usedBytes(child) * span) / child.length;
    return share + 4 * length;
  }
  const perRow = ArrowType.isDecimal(type) ? 16 : 8;
  return length * perRow;
}

interface RowGroup {
  readonly texts: readonly (string | null)[];
  readonly indices: number[];
}

function groupRows(rowCount: number, textsOf: (index: number) => readonly (string | null)[]): readonly RowGroup[] {
  const groups = new Map<string, RowGroup>();
  for (let index = 0; index < rowCount; index += 1) {
    const texts = textsOf(index);
    const key = partitionKey(texts);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { texts, indices: [index] });
    else group.indices.push(index);
  }
  return [...groups.values()];
}

/** One text for the values of all partition columns; different values give different texts. */
export function partitionKey(texts: readonly (string | null)[]): string {
  if (texts.length !== 1) return JSON.stringify(texts);
  return texts[0] === null ? "n" : `v${texts[0]}`;
}

function textReader(
  read: (index: number) => PartitionScalar,
  format: (value: PartitionScalar) => string | null,
): (index: number) => string | null {
  const known = new Map<PartitionScalar, string | null>();
  return (index) => {
    const value = read(index);
    const found = known.get(value);
    if (found !== undefined) return found;
    const text = format(value);
    const kept = text === "" ? null : text;
    if (known.size < knownTextsMax) known.set(value, kept);
    return kept;
  };
}

const knownTextsMax = 10_000;

function columnNamed(batch: RecordBatch, name: string): Data {
  const data = batch.data.children[batch.schema.fields.findIndex((field) => field.name === name)];
  assert(data !== undefined, `a batch lacks the column ${name}`);
  return data;
}

function makeBatch(schema: Schema, columns: readonly Data[], rowCount: number): RecordBatch {
  return new RecordBatch(
    schema,
    makeData({ type: new Struct(schema.fields), length: rowCount, nullCount: 0, children: [...columns] }),
  );
}
