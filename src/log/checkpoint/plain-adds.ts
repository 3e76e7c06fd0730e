// log/checkpoint/plain-adds.ts: a few adds of a checkpoint file that have nothing which others have not: the SQL for them is planned in a fraction of the
// time that all an add may have takes. PROTOCOL.md, "Add File and Remove File".
import type { SqlConnection, SqlRow } from "../../engine/base/engine.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import type { AddFile, PartitionValues } from "../../format/action/action.ts";
import { columnKey, numberedRows } from "./checkpoint-part.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { reference } from "./checkpoint-sql.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";

/** Which adds. */
export interface PlainQuery {
  /** The column of the adds. */
  readonly add: ParquetNode;
  readonly typedOnly: TypedOnly;
  readonly withoutStats: boolean;
  /** SQL for the rows. */
  readonly rows: string;
  /** Partition values of JSON text. */
  readonly partitionValuesOf: (json: string) => PartitionValues;
}

/** The adds of some rows; null where one of them has more than most have, or looks unusual: then all must be asked in full. */
export async function readPlainAdds(
  connection: SqlConnection,
  part: CheckpointPart,
  query: PlainQuery,
): Promise<readonly AddFile[] | null> {
  const adds: AddFile[] = [];
  for (const row of await connection.rows(selectPlain(part, query))) {
    const add = plainAdd(row, query);
    if (add === null) return null;
    adds.push(add);
  }
  return adds;
}

function selectPlain(part: CheckpointPart, { add, rows, withoutStats }: PlainQuery): string {
  const column = (name: string): string => {
    const field = childNamed(add.children, name);
    return field === undefined ? "NULL" : reference([add.name, field.name]);
  };
  const rare = rareFields(part, add).map(({ name }) => `${column(name)} IS NOT NULL`);
  const columns = [
    `${column("path")} AS path`,
    `TRY_CAST(${column("size")} AS DOUBLE) AS size`,
    `TRY_CAST(${column("modificationTime")} AS DOUBLE) AS time`,
    `${column("dataChange")} AS data_change`,
    `${withoutStats ? "NULL" : column("stats")} AS stats`,
    `to_json(${column("partitionValues")})::VARCHAR AS partition_values`,
    `(${rare.length === 0 ? "FALSE" : rare.join(" OR ")}) AS is_rare`,
  ];
  return `SELECT ${columns.join(", ")} FROM ${numberedRows(part.path)} WHERE ${rows}`;
}

function plainAdd(row: SqlRow, { typedOnly, partitionValuesOf }: PlainQuery): AddFile | null {
  const { path, size, time, data_change: dataChange, stats, partition_values: values, is_rare: isRare } = row;
  // What is absent may be in the typed column alone.
  if (isRare !== false || (values === null && typedOnly.partitionValues) || (stats === null && typedOnly.stats))
    return null;
  const partitionValues = partitionValuesOf(typeof values === "string" ? values : "");
  return addOfValues({ path, size, time, dataChange, stats, partitionValues });
}

/** What an add is made of, as a file has it. */
export interface AddValues {
  readonly path: unknown;
  readonly size: unknown;
  readonly time: unknown;
  readonly dataChange: unknown;
  /** Null for none. */
  readonly stats: unknown;
  readonly partitionValues: PartitionValues;
}

/** Null where a value is none that an add usually has. */
export function addOfValues({ path, size, time, dataChange, stats, partitionValues }: AddValues): AddFile | null {
  if (typeof path !== "string" || path === "") return null;
  if (!Number.isSafeInteger(size) || Number(size) < 0 || !Number.isSafeInteger(time)) return null;
  if (typeof dataChange !== "boolean" || (stats !== null && typeof stats !== "string")) return null;
  return {
    kind: "add",
    path,
    partitionValues,
    sizeBytes: Number(size),
    modificationTimeMs: Number(time),
    dataChange,
    ...(typeof stats === "string" && stats !== "" && { stats }),
  };
}

/** The fields that adds may have beside what nearly all have. */
export function rareFields(part: CheckpointPart, add: ParquetNode): readonly ParquetNode[] {
  return add.children.filter((field) => !commonFields.has(field.name) && !isEmpty(part, field, [add.name]));
}

/** True where the footer says that no add has a value in the field; an empty map says no more than none. */
export function isEmpty(part: CheckpointPart, node: ParquetNode, above: readonly string[]): boolean {
  const path = [...above, node.name];
  if (node.children.length === 0) return part.emptyColumns.has(columnKey(path));
  return node.children.every((child) => isEmpty(part, child, path));
}

/** What nearly every add has, and no more; `stats_parsed` and `partitionValues_parsed` say again what others say. */
const commonFields: ReadonlySet<string> = new Set([
  "path",
  "partitionValues",
  "size",
  "modificationTime",
  "dataChange",
  "stats",
  "stats_parsed",
  "partitionValues_parsed",
]);
