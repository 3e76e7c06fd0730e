// reader/live-rows.ts: "this row is not deleted" as SQL, for the rows of several files at once.
import { sqlLiteral } from "../engine/sql-quote.ts";
import type { DeletedRows } from "../format/deletion-vector.ts";
import type { ScannedFile } from "./scanned-files.ts";
import { type RowBits, rowBits } from "./row-bits.ts";

/**
 * The condition on a row of `read_parquet` over these files, in their order; null when every row is read. Rows are told by
 * the reader's `file_index` and `file_row_number`. Sets become strings of bits, in which a row looks up its own; where those
 * would be long and mostly empty, long runs are compared with, and other rows are looked up in a list.
 */
export function liveRows(files: readonly ScannedFile[]): string | null {
  const [first] = files;
  if (first?.onlyRows !== undefined) {
    const listed = isListed(files.map((file) => file.onlyRows));
    return listed === null ? "FALSE" : listed;
  }
  const deleted = isListed(files.map((file) => file.deletedRows));
  return deleted === null ? null : `NOT (${deleted})`;
}

/** "This row is in the set of its file"; null when all sets are empty. */
function isListed(sets: readonly (DeletedRows | undefined)[]): string | null {
  const bits = rowBits(sets);
  if (bits !== null) return bits.length === 0 ? null : isBitSet(bits);
  const listed = collect(sets);
  const conditions = listed.stretches.map(({ first, last }) => `${rowKey} BETWEEN ${first} AND ${last}`);
  const sources: string[] = [];
  if (listed.singles.length > 0) sources.push(`SELECT CAST(v AS BIGINT) FROM ${texts(listed.singles)}`);
  if (listed.runs.length > 0) {
    const bound = (index: number): string => `CAST(split_part(v, ' ', ${index}) AS BIGINT)`;
    sources.push(`SELECT unnest(range(${bound(1)}, ${bound(2)} + 1)) FROM ${texts(listed.runs)}`);
  }
  if (sources.length > 0) conditions.push(`${rowKey} IN (${sources.join(" UNION ALL ")})`);
  return conditions.length === 0 ? null : conditions.join(" OR ");
}

/** A chunk of rows is of one file: it finds its bits by a few comparisons, of which one side is the same for all its rows. */
function isBitSet(bits: readonly RowBits[]): string {
  const middle = bits.length >> 1;
  const [only, split] = [bits[0], bits[middle]];
  if (middle > 0 && split !== undefined)
    return `CASE WHEN ${isBefore(split)} THEN ${isBitSet(bits.slice(0, middle))} ELSE ${isBitSet(bits.slice(middle))} END`;
  if (only === undefined || only.base64 === "") return "FALSE";
  const { firstFile, firstRow, stride, base64 } = only;
  const row = `least(file_row_number - ${firstRow}, ${stride - 1})`;
  const at = `(CAST(file_index AS BIGINT) - ${firstFile}) * ${stride} + ${row}`;
  return `get_bit(CAST(from_base64('${base64}') AS BIT), CAST(${at} AS INTEGER)) = 1`;
}

const isBefore = ({ firstFile, firstRow }: RowBits): string =>
  firstRow === 0
    ? `file_index < ${firstFile}`
    : `(file_index < ${firstFile} OR (file_index = ${firstFile} AND file_row_number < ${firstRow}))`;

/** Row numbers of one file stay below this. */
export const rowsPerFile: number = 2 ** 40;

/**
 * The number of a row among the rows of several files, as a DOUBLE; exact for up to 8192 files.
 * @param firstIndex of the first file that is read together with the row's
 */
export function rowKeySql(firstIndex: number): string {
  return `(CAST(file_index AS DOUBLE) + ${firstIndex}::DOUBLE) * ${rowsPerFile}::DOUBLE + CAST(file_row_number AS DOUBLE)`;
}

const rowKey = `(CAST(file_index AS BIGINT) * ${rowsPerFile} + file_row_number)`;

interface Stretch {
  readonly first: bigint;
  readonly last: bigint;
}

interface Listed {
  /** Long runs, few enough to be compared with one by one. */
  readonly stretches: readonly Stretch[];
  /** Row keys, and "first last" of runs; as text. */
  readonly singles: readonly string[];
  readonly runs: readonly string[];
}

const stretchLengthMin = 4096;
const stretchCountMax = 64;

function collect(sets: readonly (DeletedRows | undefined)[]): Listed {
  const stretches: Stretch[] = [];
  const singles: string[] = [];
  const runs: string[] = [];
  for (const [index, set] of sets.entries()) {
    const base = BigInt(index) * BigInt(rowsPerFile);
    set?.forEachRun((first, lastRow) => {
      if (first >= rowsPerFile) return; // no file has such rows
      const last = Math.min(lastRow, rowsPerFile - 1);
      const [from, to] = [base + BigInt(first), base + BigInt(last)];
      if (first === last) singles.push(String(from));
      else if (last - first >= stretchLengthMin && stretches.length < stretchCountMax)
        stretches.push({ first: from, last: to });
      else runs.push(`${from} ${to}`);
    });
  }
  return { stretches, singles, runs };
}

/** A relation `v` of texts. They come a few thousand to a row: one long list would be taken for a constant and unfolded. */
function texts(values: readonly string[]): string {
  const rows: string[] = [];
  for (let start = 0; start < values.length; start += textsPerRow)
    rows.push(`(${sqlLiteral(values.slice(start, start + textsPerRow).join(","))})`);
  return `(SELECT unnest(string_split(t, ',')) AS v FROM (VALUES ${rows.join(", ")}) AS s(t))`;
}

const textsPerRow = 2000;
