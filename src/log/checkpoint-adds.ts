// log/checkpoint-adds.ts: the live files of a checkpoint file, column by column: JSON is made and parsed only for what is rare.
// PROTOCOL.md, "Add File and Remove File".
import type { RecordBatch } from "apache-arrow";
import type { SqlConnection, SqlRow } from "../engine/engine.ts";
import type { AddFile, PartitionValues } from "../format/action.ts";
import { assert } from "../format/error.ts";
import type { StructType } from "../format/schema.ts";
import { parseCheckpointRow, parsePartitionValues } from "./checkpoint-row.ts";
import { numberedRows } from "./checkpoint-part.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { actionJson, isAction, parsedPartitionValues, parsedStats, reference } from "./checkpoint-sql.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";
import { childNamed } from "./parquet-tree.ts";
import type { ParquetNode } from "./parquet-tree.ts";

/** Which adds to read. */
export interface AddQuery {
  readonly typedOnly: TypedOnly;
  /** SQL over the file's columns, true of each add wanted; all when absent. Where it is true of many, others may come too. */
  readonly where?: string | undefined;
}

/**
 * Reads adds, in chunks, in the order of the file.
 * @throws AlluviumError `CORRUPT_LOG` when a field has the wrong type
 */
export async function* readAdds(
  connection: SqlConnection,
  part: CheckpointPart,
  query: AddQuery,
): AsyncGenerator<readonly AddFile[]> {
  const add = childNamed(part.tree, "add");
  if (add === undefined) return;
  const chosen = query.where === undefined ? null : await chosenRows(connection, part, { add, where: query.where });
  const sql = chosen === "" ? null : selectAdds(part, { add, typedOnly: query.typedOnly, chosen });
  if (sql === null) return;
  const context = { path: part.path, partitions: new Map<string, PartitionValues>() };
  // A stream of batches is for what may be large; a few rows come sooner at once.
  if (chosen !== null) yield (await connection.rows(sql)).map((row) => addOf(row as SqlRow & AddRow, context));
  else for await (const batch of connection.batches(sql, rowSchema)) yield addsOf(batch, context);
}

/** SQL for the rows that a condition is true of; "" for none, null when they are so many that all may as well be read. */
async function chosenRows(
  connection: SqlConnection,
  { tree, path }: CheckpointPart,
  { add, where }: { readonly add: ParquetNode; readonly where: string },
): Promise<string | null> {
  // The size is small and each add has one, where to look at the paths would take as long as all the rest.
  const isAdd = fieldSql(add, "size") ?? isAction(tree, "add") ?? "FALSE";
  const sql = `SELECT file_row_number::DOUBLE AS row FROM ${numberedRows(path)} WHERE ${isAdd} IS NOT NULL AND (${where}) LIMIT ${chosenCountMax + 1}`;
  const rows = (await connection.rows(sql)).map(({ row }) => Number(row));
  if (rows.length > chosenCountMax) return null;
  if (rows.length === 0) return "";
  // The ends of the range let whole pages be passed over; the list alone does not.
  const [first, last] = [rows.reduce((a, b) => Math.min(a, b)), rows.reduce((a, b) => Math.max(a, b))];
  return `file_row_number BETWEEN ${first} AND ${last} AND file_row_number IN (${rows.join(", ")})`;
}

const chosenCountMax = 10_000;

interface AddSelection {
  readonly add: ParquetNode;
  readonly typedOnly: TypedOnly;
  /** SQL for the rows wanted; null for all. */
  readonly chosen: string | null;
}

function selectAdds({ tree, path }: CheckpointPart, { add, typedOnly, chosen }: AddSelection): string | null {
  const test = chosen ?? isAction(tree, "add");
  if (test === null) return null;
  const column = (name: string): string => fieldSql(add, name) ?? "NULL";
  const rare = add.children.filter(({ name }) => !common.has(name)).map(({ name }) => `${column(name)} IS NOT NULL`);
  const columns = [
    `CAST(${column("path")} AS VARCHAR) AS path`,
    `TRY_CAST(${column("size")} AS DOUBLE) AS size`,
    `TRY_CAST(${column("modificationTime")} AS DOUBLE) AS time`,
    `TRY_CAST(${column("dataChange")} AS BOOLEAN) AS data_change`,
    `coalesce(CAST(${column("stats")} AS VARCHAR), ${typedOnly.stats ? parsedStats(tree) : "NULL"}) AS stats`,
    `coalesce(CAST(to_json(${column("partitionValues")}) AS VARCHAR), ${typedOnly.partitionValues ? parsedPartitionValues(tree) : "NULL"}) AS partition_values`,
    `CASE WHEN ${[...rare, "size IS NULL OR size < 0 OR path = ''"].join(" OR ")} THEN ${actionJson(tree, "add")} END AS json`,
  ];
  return `SELECT ${columns.join(", ")} FROM ${numberedRows(path)} WHERE ${test}`;
}

/** What nearly every add has, and no more; `stats_parsed` and `partitionValues_parsed` say again what others say. */
const common: ReadonlySet<string> = new Set([
  "path",
  "partitionValues",
  "size",
  "modificationTime",
  "dataChange",
  "stats",
  "stats_parsed",
  "partitionValues_parsed",
]);

function fieldSql(add: ParquetNode, name: string): string | undefined {
  const field = childNamed(add.children, name);
  return field && reference([add.name, field.name]);
}

/** One row of what is selected. */
interface AddRow {
  readonly path: string | null;
  readonly size: number | null;
  readonly time: number | null;
  readonly data_change: boolean | null;
  readonly stats: string | null;
  readonly partition_values: string | null;
  readonly json: string | null;
}

interface RowContext {
  /** Of the checkpoint file. */
  readonly path: string;
  readonly partitions: Map<string, PartitionValues>;
}

function addsOf(batch: RecordBatch, context: RowContext): readonly AddFile[] {
  const columns = rowSchema.fields.map((_, index) => batch.getChildAt(index)) as unknown as Columns;
  const [path, size, time, changed, stats, values, json] = columns;
  const adds: AddFile[] = [];
  for (let row = 0; row < batch.numRows; row += 1) {
    const facts: AddRow = {
      path: path.get(row),
      size: size.get(row),
      time: time.get(row),
      data_change: changed.get(row),
      stats: stats.get(row),
      partition_values: values.get(row),
      json: json.get(row),
    };
    adds.push(addOf(facts, context));
  }
  return adds;
}

interface Column<T> {
  get(row: number): T | null;
}
type Columns = [
  Column<string>,
  Column<number>,
  Column<number>,
  Column<boolean>,
  Column<string>,
  Column<string>,
  Column<string>,
];

function addOf(row: AddRow, context: RowContext): AddFile {
  if (row.json !== null) {
    const action = parseCheckpointRow({ name: "add", ...row }, context.path);
    assert(action?.kind === "add", "JSON of an add is an add");
    return action;
  }
  return {
    kind: "add",
    path: row.path ?? "",
    partitionValues: partitionValuesOf(row.partition_values, context),
    sizeBytes: row.size ?? 0,
    modificationTimeMs: row.time ?? 0,
    dataChange: row.data_change ?? true,
    ...(row.stats !== null && { stats: row.stats }),
  };
}

/** Many files share their partition values: each text is parsed once. */
function partitionValuesOf(text: string | null, { path, partitions }: RowContext): PartitionValues {
  if (text === null) return noPartitionValues;
  let values = partitions.get(text);
  if (values === undefined) partitions.set(text, (values = parsePartitionValues(text, path)));
  return values;
}

const noPartitionValues: PartitionValues = new Map();

const column = (name: string, type: "string" | "double" | "boolean"): StructType["fields"][number] => ({
  name,
  type: { kind: "primitive", name: type },
  nullable: true,
  metadata: {},
});
const rowNumberSchema: StructType = { kind: "struct", fields: [column("row", "double")] };
const rowSchema: StructType = {
  kind: "struct",
  fields: [
    column("path", "string"),
    column("size", "double"),
    column("time", "double"),
    column("data_change", "boolean"),
    column("stats", "string"),
    column("partition_values", "string"),
    column("json", "string"),
  ],
};
