// reader/live-rows.ts: "this row is not deleted" as SQL, for the rows of several files at once.
import { bitLiteral } from "../engine/duckdb/bit-literal.ts";
import { sqlLiteral } from "../engine/base/sql-quote.ts";
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import type { ScannedFile } from "./scanned-files.ts";
import { type RowPiece, type RowsOfFile, rowPieces } from "./row-pieces.ts";

/**
 * The condition on a row of `read_parquet` over these files, in their order; null when every row is read. Rows are told by
 * the reader's `file_index` and `file_row_number`. Sets become short strings of bits, in which a row looks up its own, or
 * comparisons with the few runs that they have; where bits would be many and mostly empty, rows are looked up in a list.
 */
export function liveRows(files: readonly ScannedFile[]): string | null {
  const [first] = files;
  if (first?.onlyRows !== undefined)
    return rowsOf(
      files.map((file) => ({ set: file.onlyRows })),
      "listed",
    );
  const deleted = files.map((file) => ({ set: file.deletedRows, rowCount: file.rowCount }));
  return deleted.every(({ set }) => set === undefined || set.cardinality === 0) ? null : rowsOf(deleted, "others");
}

/** The rows that are in the set of their file, or those that are not. */
type Wanted = "listed" | "others";

function rowsOf(sets: readonly RowsOfFile[], wanted: Wanted): string {
  const first = sets.find(({ set }) => set !== undefined)?.set;
  const before = first && conditions.get(first);
  if (before?.wanted === wanted && isSame(before.sets, sets)) return before.sql;
  const pieces = rowPieces(sets);
  if (pieces !== null) {
    const sql = rowsOfPieces(pieces, wanted);
    if (first !== undefined && sql.length <= keptLengthMax) conditions.set(first, { sets, wanted, sql });
    return sql;
  }
  const listed = isListed(sets.map(({ set }) => set));
  return wanted === "listed" ? listed : `NOT (${listed})`;
}

const isSame = (before: readonly RowsOfFile[], now: readonly RowsOfFile[]): boolean =>
  before.length === now.length &&
  before.every(({ set, rowCount }, at) => set === now[at]?.set && rowCount === now[at]?.rowCount);

/** The last condition on sets that begin with one: who scans a table again asks for the same. */
const conditions = new WeakMap<DeletedRows, Condition>();

interface Condition {
  readonly sets: readonly RowsOfFile[];
  readonly wanted: Wanted;
  readonly sql: string;
}

const keptLengthMax = 4 * 2 ** 20;

/** What holds from a file, or a row, on up to the next step. */
interface Step {
  readonly from: number;
  readonly sql: string;
}

/** A chunk of rows is of one file: its piece is found by a few comparisons, most of them with one answer for all its rows. */
function rowsOfPieces(pieces: readonly RowPiece[], wanted: Wanted): string {
  const none = wanted === "listed" ? "FALSE" : "TRUE";
  const files: Step[] = [];
  let end = 0;
  for (let at = 0; at < pieces.length;) {
    const [piece] = pieces.slice(at, at + 1);
    if (piece === undefined) break;
    const { firstFile, fileCount } = piece;
    const rows: Step[] = [];
    let [rowEnd, isToEnd] = [0, false];
    for (; pieces[at]?.firstFile === firstFile; at += 1) {
      const own = pieces[at] ?? piece;
      if (own.firstRow > rowEnd) rows.push({ from: rowEnd, sql: none });
      rows.push({ from: own.firstRow, sql: rowsOfPiece(own, wanted) });
      rowEnd = own.firstRow + own.rowCount;
      isToEnd = own.isToEnd;
    }
    if (firstFile > end) files.push({ from: end, sql: none });
    if (!isToEnd) rows.push({ from: rowEnd, sql: none });
    files.push({ from: firstFile, sql: choice("file_row_number", rows) });
    end = firstFile + fileCount;
  }
  return choice("file_index", [...files, { from: end, sql: none }]);
}

/** A tree of choices; where each is between four, rows pass the fewest expressions on their way. */
function choice(column: string, steps: readonly Step[]): string {
  const [only] = steps;
  if (steps.length === 1 && only !== undefined) return only.sql;
  const stride = Math.ceil(steps.length / 4);
  // Long texts are put one behind the other without a copy; to join a list copies it at each level of the tree.
  let sql = "CASE";
  for (let at = 0; at < steps.length; at += stride) {
    const end = steps[at + stride];
    const chosen = choice(column, steps.slice(at, at + stride));
    sql += end === undefined ? ` ELSE ${chosen}` : ` WHEN ${column} < ${end.from} THEN ${chosen}`;
  }
  return `${sql} END`;
}

function rowsOfPiece({ firstFile, fileCount, firstRow, rowCount, lengthMax, rows }: RowPiece, wanted: Wanted): string {
  if (rows.kind === "runs") {
    const runs = rows.runs.map(({ first, last }) =>
      first === last ? `file_row_number = ${first}` : `file_row_number BETWEEN ${first} AND ${last}`,
    );
    return wanted === "listed" ? `(${runs.join(" OR ")})` : `NOT (${runs.join(" OR ")})`;
  }
  // Numbers are put together without sums: DuckDB looks at each of those for an overflow.
  const own = firstRow === 0 ? "file_row_number" : `file_row_number & ${lengthMax - 1}`;
  const at = fileCount === 1 ? own : `((CAST(file_index AS BIGINT) - ${firstFile}) * ${rowCount}) | ${own}`;
  const bits = bitLiteral(highestFirst(rows.bits));
  return `get_bit(${bits}, CAST(${at} AS INTEGER)) = ${wanted === "listed" ? 1 : 0}`;
}

/** DuckDB's first bit of a byte is the highest: the bits of each byte change places, four bytes at once. */
function highestFirst(bits: Uint8Array): Buffer {
  const words = new Uint32Array(Math.ceil(bits.length / 4));
  const bytes = Buffer.from(words.buffer, 0, bits.length);
  bytes.set(bits);
  for (let index = 0; index < words.length; index += 1) {
    let word = words[index] ?? 0;
    word = ((word >>> 1) & 0x5555_5555) | ((word & 0x5555_5555) << 1);
    word = ((word >>> 2) & 0x3333_3333) | ((word & 0x3333_3333) << 2);
    words[index] = ((word >>> 4) & 0x0f0f_0f0f) | ((word & 0x0f0f_0f0f) << 4);
  }
  return bytes;
}

/** "This row is in the set of its file"; not all sets are empty. */
function isListed(sets: readonly (DeletedRows | undefined)[]): string {
  const listed = collect(sets);
  const conditions = listed.stretches.map(({ first, last }) => `${rowKey} BETWEEN ${first} AND ${last}`);
  const sources: string[] = [];
  if (listed.singles.length > 0) sources.push(`SELECT CAST(v AS BIGINT) FROM ${texts(listed.singles)}`);
  if (listed.runs.length > 0) {
    const bound = (index: number): string => `CAST(split_part(v, ' ', ${index}) AS BIGINT)`;
    sources.push(`SELECT unnest(range(${bound(1)}, ${bound(2)} + 1)) FROM ${texts(listed.runs)}`);
  }
  if (sources.length > 0) conditions.push(`${rowKey} IN (${sources.join(" UNION ALL ")})`);
  return conditions.length === 0 ? "FALSE" : conditions.join(" OR ");
}

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
