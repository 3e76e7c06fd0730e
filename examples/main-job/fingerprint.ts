// examples/main-job/fingerprint.ts: a table's rows as numbers that tell whether two tables hold the same rows.
import type { RecordBatch, Vector } from "apache-arrow";

/** Row count, and per column a sum of hashes that does not depend on the order of rows. */
export interface Fingerprint {
  readonly rowCount: number;
  /** One per column, in order. */
  readonly columns: readonly bigint[];
  /** Of whole rows, so that values cannot have changed places between rows. */
  readonly rows: bigint;
}

/** Adds up the batches. */
export async function fingerprint(batches: AsyncIterable<RecordBatch>, names: readonly string[]): Promise<Fingerprint> {
  let rowCount = 0;
  let rows = 0n;
  const columns = names.map(() => 0n);
  for await (const batch of batches) {
    const row = new Uint32Array(batch.numRows);
    for (const [index, name] of names.entries()) {
      const vector = batch.getChild(name);
      if (vector === null) throw new Error(`no column ${name}`);
      columns[index] = wrap((columns[index] ?? 0n) + addColumn(vector, row));
    }
    rowCount += batch.numRows;
    rows = wrap(rows + sum(row));
  }
  return { rowCount, columns, rows };
}

/** Adds two fingerprints of disjoint sets of rows. */
export function plus(a: Fingerprint, b: Fingerprint): Fingerprint {
  return {
    rowCount: a.rowCount + b.rowCount,
    columns: a.columns.map((value, index) => wrap(value + (b.columns[index] ?? 0n))),
    rows: wrap(a.rows + b.rows),
  };
}

/** A checksum as people read it. */
export function hex(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Hashes every value of a column, mixes it into its row's hash, and answers the column's sum. */
function addColumn(vector: Vector, row: Uint32Array): bigint {
  const hashes = new Uint32Array(vector.length);
  for (let index = 0; index < vector.length; index += 1) {
    const hash = hashValue(vector.get(index));
    hashes[index] = hash;
    row[index] = Math.imul((row[index] ?? 0) ^ hash, 0x9e3779b1) >>> 0;
  }
  return sum(hashes);
}

function sum(hashes: Uint32Array): bigint {
  let total = 0; // at most 2^32 per value: whole up to two million values, more than a batch holds
  for (const hash of hashes) total += hash;
  return BigInt(total);
}

function hashValue(value: unknown): number {
  if (typeof value === "number") return hashText(Object.is(value, -0) ? "0" : String(value));
  return hashText(value === null ? "\0null" : String(value));
}

function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
