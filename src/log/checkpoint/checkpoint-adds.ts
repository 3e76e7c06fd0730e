// log/checkpoint/checkpoint-adds.ts: the live files of a checkpoint file, column by column: JSON is made and parsed only for what is rare.
// PROTOCOL.md, "Add File and Remove File".
import type { Engine, SqlConnection, SqlRow } from "../../engine/base/engine.ts";
import type { AddFile, PartitionValues } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import { parseCheckpointRow, parsePartitionValues } from "./checkpoint-row.ts";
import { numberedRows } from "./checkpoint-part.ts";
import type { CodedColumns } from "./coded-rows.ts";
import type { AddCondition } from "./candidate-files.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { actionJson, isAction, parsedPartitionValues, parsedStats, reference } from "./checkpoint-sql.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";
import { readTexts, rowsPerStretch } from "../state/packed-text.ts";
import { readNearAdds } from "./near-adds.ts";
import { isEmpty, rareFields, readPlainAdds } from "./plain-adds.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";

/** By what adds are read. */
export interface AddReader {
  readonly engine: Engine;
  /** The same connection each time; few adds are read without one. */
  readonly connect: () => Promise<SqlConnection>;
}

/** Which adds to read. */
export interface AddQuery {
  readonly typedOnly: TypedOnly;
  /** Whether adds may come without their statistics. */
  readonly withoutStats: boolean;
  /** True of each add wanted; all when absent. Where it is true of many, others may come too. */
  readonly where?: AddCondition | undefined;
  /** Where values of its columns are found without a statement. */
  readonly coded: CodedColumns;
}

/**
 * Reads adds, in chunks, in the order of the file.
 * @throws AlluviumError `CORRUPT_LOG` when a field has the wrong type
 */
export async function* readAdds(
  { engine, connect }: AddReader,
  part: CheckpointPart,
  query: AddQuery,
): AsyncGenerator<readonly AddFile[]> {
  const add = childNamed(part.tree, "add");
  const test = isAction(part.tree, "add");
  if (add === undefined || test === null) return;
  const context = { path: part.path, partitions: new Map<string, PartitionValues>() };
  const { where, coded, withoutStats } = query;
  const rows = (where?.test && (await coded.rows(part, where.test, chosenCountMax))) ?? null;
  if (rows?.length === 0) return;
  const typedOnly = { ...query.typedOnly, stats: query.typedOnly.stats && !withoutStats };
  const select = (rows: string): string => selectAdds(part, { add, typedOnly, rows, withoutStats });
  const near = rows && (await readNearAdds(engine, part, { add, typedOnly, withoutStats, rows }));
  if (near !== null) {
    yield near;
    return;
  }
  const connection = await connect();
  const chosen = where === undefined ? null : await chosenRows(connection, part, { ...where, rows });
  if (chosen === "") return;
  if (chosen !== null) {
    const adds =
      (await readPlainAdds(connection, part, {
        add,
        typedOnly,
        withoutStats,
        rows: chosen,
        partitionValuesOf: (json) => partitionValuesOf(json, context),
      })) ??
      ((await connection.rows(select(chosen))) as readonly (SqlRow & AddRow)[]).map((row) => addOf(row, context));
    if (adds.length <= chosenCountMax) {
      yield adds;
      return;
    }
  }
  const selects = readTogether(part.rowGroups).map(({ start, end }) =>
    select(`${test} AND file_row_number BETWEEN ${start} AND ${end - 1}`),
  );
  for await (const columns of readTexts(connection, { selects, names: addColumns })) yield addsOf(columns, context);
}

/**
 * Stretches of rows that are read at once, so that no more than these are in memory. One thread reads a row group, so that the order holds in
 * it; several are read at once only where each of the texts that are joined comes from one of them.
 */
function readTogether(rowGroups: CheckpointPart["rowGroups"]): CheckpointPart["rowGroups"] {
  const together: { start: number; end: number }[] = [];
  for (const { start, end } of rowGroups) {
    const before = together.at(-1);
    if (before !== undefined && start % rowsPerStretch === 0 && end - before.start <= rowsAtOnce) before.end = end;
    else together.push({ start, end });
  }
  return together;
}

const rowsAtOnce = 32_768;

/** SQL for the rows that a condition is true of, one more than `chosenCountMax` at most; "" for none, null when they are so many that all may as well be read. */
async function chosenRows(
  connection: SqlConnection,
  { path, rowGroups }: CheckpointPart,
  { sql: where, isBare, rows: known }: AddCondition & { readonly rows: readonly number[] | null },
): Promise<string | null> {
  if (known !== null && known.length <= chosenCountMax) return `${rowsSql(known)} AND (${where})`;
  const limited = `${where} LIMIT ${chosenCountMax + 1}`;
  // Where small row groups are passed over, those that are left are read in the time that another question takes.
  if (isBare && rowGroups.every(({ start, end }) => end - start <= smallGroupRows)) return limited;
  const sql = `SELECT file_row_number::DOUBLE AS row FROM ${numberedRows(path)} WHERE ${limited}`;
  const rows = (await connection.rows(sql)).map(({ row }) => Number(row));
  return rows.length > chosenCountMax ? null : rowsSql(rows);
}

function rowsSql(rows: readonly number[]): string {
  if (rows.length === 0) return "";
  // The ends of the range let whole pages be passed over; the list alone does not.
  const [first, last] = [rows.reduce((a, b) => Math.min(a, b)), rows.reduce((a, b) => Math.max(a, b))];
  const range = `file_row_number BETWEEN ${first} AND ${last}`;
  return last - first + 1 === rows.length ? range : `${range} AND file_row_number IN (${rows.join(", ")})`;
}

const chosenCountMax = 10_000;
const smallGroupRows = 32_768;

interface AddSelection {
  readonly add: ParquetNode;
  readonly typedOnly: TypedOnly;
  /** SQL for the rows wanted. */
  readonly rows: string;
  readonly withoutStats: boolean;
}

/** All as text: "" for what is absent. */
function selectAdds(part: CheckpointPart, { add, typedOnly, rows, withoutStats }: AddSelection): string {
  const { tree, path } = part;
  const column = (name: string): string => fieldSql(add, name) ?? "NULL";
  const text = (sql: string): string => `coalesce(CAST(${sql} AS VARCHAR), '')`;
  const stats = typedOnly.stats ? parsedStats(tree) : "NULL";
  const partitionValues = typedOnly.partitionValues ? parsedPartitionValues(tree) : "NULL";
  const size = `TRY_CAST(${column("size")} AS BIGINT)`;
  const rare = rareFields(part, add).map(({ name }) => `${column(name)} IS NOT NULL`);
  const isUnread = ({ name }: ParquetNode): boolean => withoutStats && name.toLowerCase() === "stats";
  const json = actionJson(tree, "add", (field) => isUnread(field) || isEmpty(part, field, [add.name]));
  const isRare = [
    ...rare,
    `${size} IS NULL`,
    `${size} NOT BETWEEN 0 AND ${Number.MAX_SAFE_INTEGER}`,
    `${text(column("path"))} = ''`,
  ];
  const columns: Readonly<Record<keyof AddRow, string>> = {
    path: text(column("path")),
    size: text(size),
    time: text(`TRY_CAST(${column("modificationTime")} AS BIGINT)`),
    data_change: text(`TRY_CAST(${column("dataChange")} AS BOOLEAN)`),
    stats: withoutStats ? "''" : `coalesce(CAST(${column("stats")} AS VARCHAR), ${stats}, '')`,
    partition_values: `coalesce(CAST(to_json(${column("partitionValues")}) AS VARCHAR), ${partitionValues}, '')`,
    json: `CASE WHEN ${isRare.join(" OR ")} THEN ${json} ELSE '' END`,
  };
  const selected = addColumns.map((name) => `${columns[name]} AS ${name}`);
  return `SELECT ${selected.join(", ")}, file_row_number AS row_number FROM ${numberedRows(path)} WHERE ${rows}`;
}

function fieldSql(add: ParquetNode, name: string): string | undefined {
  const field = childNamed(add.children, name);
  return field && reference([add.name, field.name]);
}

const addColumns = ["path", "size", "time", "data_change", "stats", "partition_values", "json"] as const;

/** One row of what is selected; "" for what is absent. */
type AddRow = Readonly<Record<(typeof addColumns)[number], string>>;

interface RowContext {
  /** Of the checkpoint file. */
  readonly path: string;
  readonly partitions: Map<string, PartitionValues>;
}

function addsOf(columns: readonly (readonly string[])[], context: RowContext): readonly AddFile[] {
  const [path = [], size = [], time = [], changed = [], stats = [], values = [], json = []] = columns;
  const at = (column: readonly string[], row: number): string => column[row] ?? "";
  return path.map((name, row) =>
    addOf(
      {
        path: name,
        size: at(size, row),
        time: at(time, row),
        data_change: at(changed, row),
        stats: at(stats, row),
        partition_values: at(values, row),
        json: at(json, row),
      },
      context,
    ),
  );
}

function addOf(row: AddRow, context: RowContext): AddFile {
  if (row.json !== "") {
    const texts = { stats: row.stats || null, partition_values: row.partition_values || null };
    const action = parseCheckpointRow({ name: "add", json: row.json, ...texts }, context.path);
    assert(action?.kind === "add", "JSON of an add is an add");
    return action;
  }
  return {
    kind: "add",
    path: row.path,
    partitionValues: partitionValuesOf(row.partition_values, context),
    sizeBytes: Number(row.size),
    modificationTimeMs: Number(row.time),
    dataChange: row.data_change !== "false",
    ...(row.stats !== "" && { stats: row.stats }),
  };
}

/** Many files share their partition values: each text is parsed once. */
function partitionValuesOf(text: string, { path, partitions }: RowContext): PartitionValues {
  if (text === "") return noPartitionValues;
  let values = partitions.get(text);
  if (values === undefined) partitions.set(text, (values = parsePartitionValues(text, path)));
  return values;
}

const noPartitionValues: PartitionValues = new Map();
