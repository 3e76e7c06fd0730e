// log/publish/copied-rows.ts: the file actions of a large checkpoint on their way into the next one, as columns from Parquet to Parquet: none of them
// becomes an object. PROTOCOL.md, "Checkpoint Schema" and "Action Reconciliation".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { CheckpointColumns, ColumnShape } from "../checkpoint/checkpoint-columns.ts";
import { columnKey, numberedRows } from "../checkpoint/checkpoint-part.ts";
import type { CheckpointPart } from "../checkpoint/checkpoint-part.ts";
import {
  canonicalPathSql,
  isAction,
  parsedPartitionValues,
  parsedStats,
  reference,
} from "../checkpoint/checkpoint-sql.ts";

/** What of a part is wanted. */
export interface CopyQuery {
  readonly columns: CheckpointColumns;
  readonly name: "add" | "remove";
  /** SQL over the columns of the file. */
  readonly where?: string;
}

/**
 * SELECT of the actions of a part that no later action speaks of, as rows of a checkpoint, once `noteTouched` has run; null where the part's
 * columns do not give all that objects would.
 */
export function copiedRows(part: CheckpointPart, { columns, name, where }: CopyQuery): string | null {
  const node = childNamed(part.tree, name);
  const isWanted = isAction(part.tree, name);
  const shape = columns.shapes[name];
  if (node === undefined || isWanted === null || shape === undefined || !hasFields(shape)) return null;
  const value = name === "add" ? addValue(part, node, { columns, shape }) : removeValue(node, shape);
  if (value === null) return null;
  const selected = Object.entries(columns.shapes).map(
    ([kind, of]) => `${kind === name ? value : nullOf(of)} AS ${sqlIdentifier(kind)}`,
  );
  const from = `(SELECT * FROM ${numberedRows(part.path)} WHERE ${isWanted} AND ${where ?? "TRUE"}) AS file`;
  return `SELECT ${selected.join(", ")} FROM ${from} ANTI JOIN ${touchedTable} ON touched.path = ${keyPath(node)} AND touched.vector = ${vectorId(node)}`;
}

/** Tells a connection of the keys that later actions speak of. */
export async function noteTouched(connection: SqlConnection, touched: ReadonlySet<string>): Promise<void> {
  const keys = [...touched];
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${touchedTable} (path VARCHAR, vector VARCHAR)`);
  for (let start = 0; start < keys.length; start += keysPerStatement) {
    const some = keys.slice(start, start + keysPerStatement).map((key) => key.split("\0"));
    const [paths, vectors] = [some.map(([path = ""]) => path), some.map(([, vector = ""]) => vector)].map((texts) =>
      JSON.stringify(texts),
    );
    const [path, vector] = ["$1", "$2"].map((texts) => `unnest(from_json(${texts}, '["VARCHAR"]'))`);
    await connection.run(`INSERT INTO ${touchedTable} SELECT ${path}, ${vector}`, [paths ?? "", vectors ?? ""]);
  }
}

/** Name of the table of keys that `noteTouched` makes. */
export const touchedTable = "touched";
const keysPerStatement = 20_000;

const keyPath = (node: ParquetNode): string => canonicalPathSql(`file.${fieldOf(node, "path")}`);

const fieldOf = (node: ParquetNode, name: string): string =>
  reference([node.name, childNamed(node.children, name)?.name ?? name]);

/** The twin of `deletionVectorId` in file-key.ts; "" without a vector. */
function vectorId(node: ParquetNode): string {
  const vector = childNamed(node.children, "deletionVector");
  const field = (name: string): string | null => {
    const found = vector && childNamed(vector.children, name);
    return found === undefined ? null : `file.${reference([node.name, vector?.name ?? "", found.name])}`;
  };
  const [type, path, offset] = ["storageType", "pathOrInlineDv", "offset"].map(field);
  if (!type || !path) return "''";
  return `coalesce(${type} || ${path} || ${offset ? `coalesce('@' || ${offset}, '')` : "''"}, '')`;
}

function removeValue(node: ParquetNode, shape: Fields): string {
  return structOf(shape, (name, of) =>
    name === "dataChange" ? "FALSE" : valueOf(of, childNamed(node.children, name), [node.name]),
  );
}

interface AddTarget {
  readonly columns: CheckpointColumns;
  readonly shape: Fields;
}

/** Null where a value that each add must have may be missing, or one cannot be made of what there is. */
function addValue(part: CheckpointPart, node: ParquetNode, { columns, shape }: AddTarget): string | null {
  const field = (name: string): ParquetNode | undefined => childNamed(node.children, name);
  const isFull = (name: string): boolean => part.fullColumns.has(columnKey([node.name, name]));
  if (!["path", "size", "modificationTime"].every(isFull) || field("partitionValues") === undefined) return null;
  const plain = `coalesce(CAST(${fieldOf(node, "partitionValues")} AS ${textMap}), from_json(${parsedPartitionValues(part.tree)}, '"${textMap}"'), MAP([]::VARCHAR[], []::VARCHAR[]))`;
  const jsonStats = field("stats") === undefined ? "NULL" : `CAST(${fieldOf(node, "stats")} AS VARCHAR)`;
  const made: Record<string, string | null> = {
    dataChange: "FALSE",
    partitionValues: plain,
    stats: `coalesce(${jsonStats}, ${parsedStats(part.tree)})`,
    partitionValues_parsed: parsedPartitions(node, shape["partitionValues_parsed"], plain),
    stats_parsed: typedStats(node, { columns, shape }),
  };
  if (Object.keys(shape).some((name) => made[name] === null)) return null;
  return structOf(shape, (name, of) => made[name] ?? valueOf(of, field(name), [node.name]));
}

const textMap = "MAP(VARCHAR, VARCHAR)";

/** From the same column, where it has all fields, or from the texts. */
function parsedPartitions(node: ParquetNode, shape: ColumnShape | undefined, texts: string): string | null {
  if (shape === undefined || !hasFields(shape)) return null;
  const typed = childNamed(node.children, "partitionValues_parsed");
  if (typed !== undefined && hasAll(typed, shape)) return valueOf(shape, typed, [node.name]);
  return structOf(shape, (name, type) => {
    const text = `nullif(${texts}[${sqlLiteral(name)}], '')`;
    return type === "BLOB" ? `encode(${text})` : `CAST(${text} AS ${typeOf(type)})`;
  });
}

/** From the same column, where it has all fields, and from JSON, where it has no value. */
function typedStats(node: ParquetNode, { columns, shape }: AddTarget): string | null {
  const of = shape["stats_parsed"];
  const [typed, json] = ["stats_parsed", "stats"].map((name) => childNamed(node.children, name));
  if (of === undefined) return null;
  if (json === undefined) return valueOf(of, typed, [node.name]);
  const text = reference([node.name, json.name]);
  // DuckDB would read a decimal from JSON through a double: what fails here is made of objects.
  const read = columns.hasDecimalStats
    ? "error('decimals in JSON')"
    : `from_json(${text}, ${sqlLiteral(JSON.stringify(of))})`;
  const fromJson = `WHEN json_valid(${text}) THEN ${read}`;
  if (typed === undefined || !hasAll(typed, of)) return `CASE ${fromJson} END`;
  const known = `WHEN ${reference([node.name, typed.name])} IS NOT NULL THEN ${valueOf(of, typed, [node.name])}`;
  return `CASE ${known} ${fromJson} END`;
}

type Fields = { readonly [name: string]: ColumnShape };

const hasFields = (shape: ColumnShape): shape is Fields => typeof shape !== "string" && !Array.isArray(shape);

/** Whether a column has every field of a shape. */
function hasAll({ children }: ParquetNode, shape: ColumnShape): boolean {
  if (!hasFields(shape)) return true;
  return Object.entries(shape).every(([name, of]) => {
    const child = children.find((node) => node.name === name);
    return child !== undefined && hasAll(child, of);
  });
}

/** A column, or a field in one, as a value of a shape. @param above path of the column that it lies in */
function valueOf(shape: ColumnShape, node: ParquetNode | undefined, above: readonly string[]): string {
  if (node === undefined) return nullOf(shape);
  const path = [...above, node.name];
  if (!hasFields(shape)) return `CAST(${reference(path)} AS ${typeOf(shape)})`;
  const struct = structOf(shape, (name, of) => valueOf(of, childNamed(node.children, name), path));
  return `CASE WHEN ${reference(path)} IS NOT NULL THEN ${struct} END`;
}

function structOf(shape: Fields, value: (name: string, of: ColumnShape) => string): string {
  const fields = Object.entries(shape).map(([name, of]) => `${sqlIdentifier(name)} := ${value(name, of)}`);
  return `struct_pack(${fields.join(", ")})`;
}

const nullOf = (shape: ColumnShape): string => `CAST(NULL AS ${typeOf(shape)})`;

function typeOf(shape: ColumnShape): string {
  if (typeof shape === "string") return shape;
  if (!hasFields(shape)) return `${typeOf(shape[0])}[]`;
  return `STRUCT(${Object.entries(shape)
    .map(([name, of]) => `${sqlIdentifier(name)} ${typeOf(of)}`)
    .join(", ")})`;
}
