// writer/collect-stats.ts: statistics of Arrow batches, column by column. PROTOCOL.md, "Per-file Statistics".
import { DataType as ArrowType } from "apache-arrow";
import type { Data, RecordBatch } from "apache-arrow";
import { assert } from "../format/text/error.ts";
import type { PartitionScalar } from "../format/value/partition-value.ts";
import type { LeafSummary, StatsLeaf } from "./column-stats.ts";
import { scalarReader } from "./arrow-scalar.ts";

/**
 * What the batches of one file hold in a leaf. A null struct makes its fields null.
 * @param batches in the layout of `toArrowSchema`
 */
export function summarizeLeaf(batches: readonly RecordBatch[], leaf: StatsLeaf): LeafSummary {
  let nullCount = 0;
  const bounds = leaf.hasBounds ? boundsFor(leaf) : null;
  for (const batch of batches) {
    const chain = columnChain(batch, leaf.path);
    const data = chain.at(-1);
    assert(data !== undefined, `a batch lacks the column ${leaf.path.join(".")}`);
    const parents = chain.slice(0, -1).filter((parent) => parent.nullCount > 0);
    const isNull = nullTest(data, parents);
    if (isNull !== null) nullCount += countWhere(data.length, isNull);
    bounds?.add(data, isNull);
  }
  return { nullCount, min: bounds?.min() ?? null, max: bounds?.max() ?? null };
}

/** Counts of null of the top-level columns, over all batches. */
export function topLevelNullCounts(batches: readonly RecordBatch[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const batch of batches) {
    batch.schema.fields.forEach(({ name }, index) => {
      const data = batch.data.children[index];
      counts.set(name, (counts.get(name) ?? 0) + (data === undefined ? 0 : nullsIn(data)));
    });
  }
  return counts;
}

type NullTest = (index: number) => boolean;

function nullsIn(data: Data): number {
  return ArrowType.isNull(data.type) ? data.length : data.nullCount;
}

function countWhere(length: number, test: NullTest): number {
  let count = 0;
  for (let index = 0; index < length; index += 1) if (test(index)) count += 1;
  return count;
}

/** Null when no value is null. */
function nullTest(data: Data, parents: readonly Data[]): NullTest | null {
  if (ArrowType.isNull(data.type)) return () => true;
  if (data.nullCount === 0 && parents.length === 0) return null;
  return (index) => !data.getValid(index) || parents.some((parent) => !parent.getValid(index));
}

function columnChain(batch: RecordBatch, path: readonly string[]): readonly Data[] {
  const chain: Data[] = [];
  let at: Data = batch.data;
  for (const name of path) {
    const index = (at.type.children as readonly { readonly name: string }[]).findIndex((field) => field.name === name);
    const child: Data | undefined = at.children[index];
    if (child === undefined) return [];
    chain.push(child);
    at = child;
  }
  return chain;
}

interface Bounds {
  add(data: Data, isNull: NullTest | null): void;
  min(): PartitionScalar;
  max(): PartitionScalar;
}

function boundsFor({ type }: StatsLeaf): Bounds {
  if (type.kind === "primitive" && type.name === "string") return textBounds();
  if (type.kind === "decimal") return comparedBounds((a, b) => compareNumbers(unscaled(a), unscaled(b)));
  return numberBounds();
}

const compareNumbers = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

// Decimals of one column have one scale.
const unscaled = (text: PartitionScalar): bigint => BigInt(String(text).replace(".", ""));

/** Integers, floats, dates and timestamps, straight from memory. NaN is in no bound, and where there is one, there is no upper bound. */
function numberBounds(): Bounds {
  let min: number | bigint | null = null;
  let max: number | bigint | null = null;
  let hasNaN = false;
  return {
    add(data, isNull) {
      const values = data.values as ArrayLike<number | bigint>;
      for (let index = 0; index < data.length; index += 1) {
        if (isNull !== null && isNull(index)) continue;
        const value = values[index] as number | bigint; // within the column's length
        if (value !== value) hasNaN = true;
        else {
          if (min === null || value < min) min = value;
          if (max === null || value > max) max = value;
        }
      }
    },
    min: () => min,
    max: () => (hasNaN ? null : max),
  };
}

function comparedBounds(compare: (a: PartitionScalar, b: PartitionScalar) => number): Bounds {
  let min: PartitionScalar = null;
  let max: PartitionScalar = null;
  return {
    add(data, isNull) {
      const read = scalarReader(data, "");
      for (let index = 0; index < data.length; index += 1) {
        if (isNull !== null && isNull(index)) continue;
        const value = read(index);
        if (min === null || compare(value, min) < 0) min = value;
        if (max === null || compare(value, max) > 0) max = value;
      }
    },
    min: () => min,
    max: () => max,
  };
}

/** Text is compared as bytes, which is the order of the log, where it lies: only what leads is taken out and decoded. */
function textBounds(): Bounds {
  let min: Buffer | null = null;
  let max: Buffer | null = null;
  return {
    add(data, isNull) {
      const column = { bytes: data.values as Uint8Array, offsets: data.valueOffsets as unknown as Int32Array };
      let low = -1;
      let high = -1;
      for (let index = 0; index < data.length; index += 1) {
        if (isNull !== null && isNull(index)) continue;
        if (low < 0) low = high = index;
        else if (compareTexts(column, index, low) < 0) low = index;
        else if (compareTexts(column, index, high) > 0) high = index;
      }
      if (low < 0) return;
      const [first, last] = [textAt(column, low), textAt(column, high)];
      if (min === null || first.compare(min) < 0) min = Buffer.from(first);
      if (max === null || last.compare(max) > 0) max = Buffer.from(last);
    },
    min: () => min?.toString("utf8") ?? null,
    max: () => max?.toString("utf8") ?? null,
  };
}

interface TextColumn {
  readonly bytes: Uint8Array;
  readonly offsets: Int32Array;
}

/** Most texts differ early: going over them here is several times faster than a call into Node for each. */
function compareTexts(column: TextColumn, a: number, b: number): number {
  const { bytes, offsets } = column;
  const [startA, startB] = [offsets[a] ?? 0, offsets[b] ?? 0];
  const [lengthA, lengthB] = [(offsets[a + 1] ?? 0) - startA, (offsets[b + 1] ?? 0) - startB];
  const end = Math.min(lengthA, lengthB, comparedHere);
  for (let at = 0; at < end; at += 1) {
    const difference = (bytes[startA + at] ?? 0) - (bytes[startB + at] ?? 0);
    if (difference !== 0) return difference;
  }
  return end < comparedHere ? lengthA - lengthB : textAt(column, a).compare(textAt(column, b));
}

const comparedHere = 32;

function textAt({ bytes, offsets }: TextColumn, row: number): Buffer {
  const start = offsets[row] ?? 0;
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, (offsets[row + 1] ?? 0) - start);
}
