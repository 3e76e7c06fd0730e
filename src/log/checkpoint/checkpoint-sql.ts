// log/checkpoint/checkpoint-sql.ts: asks a checkpoint file for its actions as JSON text, whatever columns its writer gave it.
// PROTOCOL.md, "Checkpoint Schema".
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";

/** The actions that a checkpoint holds, each with the field by which a row of it is told from an empty one. */
export const actionMarkers: ReadonlyMap<string, string> = new Map([
  ["protocol", "minReaderVersion"],
  ["metaData", "id"],
  ["txn", "appId"],
  ["domainMetadata", "domain"],
  ["add", "path"],
  ["remove", "path"],
  ["checkpointMetadata", "version"],
  ["sidecar", "path"],
]);

/** The actions that name data files; all others are few. */
export const fileActions: readonly string[] = ["add", "remove"];

/** The actions of a checkpoint that are not about data files. */
export const headerActions: readonly string[] = [...actionMarkers.keys()].filter((name) => !fileActions.includes(name));

/** SQL for "this row holds such an action", or null when the file has no column for it. */
export function isAction(tree: readonly ParquetNode[], name: string): string | null {
  const column = childNamed(tree, name);
  const marker = actionMarkers.get(name);
  if (column === undefined || marker === undefined || childNamed(column.children, marker) === undefined) return null;
  return `${sqlIdentifier(column.name)}.${sqlIdentifier(marker)} IS NOT NULL`;
}

/** Which plain columns of a file's adds are, or may be, absent although the typed ones are there. */
export interface TypedOnly {
  readonly stats: boolean;
  readonly partitionValues: boolean;
}

/** SQL for whether any row of a file has typed statistics alone; null where the columns tell, by `hasTyped`, that none or all may. */
export function typedStatsAloneSql(tree: readonly ParquetNode[]): string | null {
  const add = childNamed(tree, "add");
  const [plain, typed] = ["stats", "stats_parsed"].map((name) => childNamed(add?.children ?? [], name));
  if (add === undefined || plain === undefined || typed === undefined || typed.children.length === 0) return null;
  return `coalesce(bool_or(${reference([add.name, plain.name])} IS NULL AND ${reference([add.name, typed.name])} IS NOT NULL), FALSE)`;
}

/** True when adds have a typed column of that name. */
export function hasTyped(tree: readonly ParquetNode[], name: "stats_parsed" | "partitionValues_parsed"): boolean {
  return (childNamed(childNamed(tree, "add")?.children ?? [], name)?.children.length ?? 0) > 0;
}

/** What to select, and from which relation with the columns of the file. */
export interface ActionQuery {
  readonly names: readonly string[];
  readonly typedOnly: TypedOnly;
  readonly from: string;
}

/**
 * SQL that gives the actions of some kinds, one a row: `name`, `json`, and `stats` and `partition_values`, which are
 * JSON text rebuilt from the typed columns where the plain ones are absent. Null when the file has none of the kinds.
 */
export function selectActions(tree: readonly ParquetNode[], { names, typedOnly, from }: ActionQuery): string | null {
  const found = names.map((name) => ({ name, test: isAction(tree, name) })).filter((kind) => kind.test !== null);
  if (found.length === 0) return null;
  const choose = (value: (name: string) => string): string =>
    `CASE ${found.map(({ name, test }) => `WHEN ${test} THEN ${value(name)}`).join(" ")} END`;
  const hasAdds = found.some(({ name }) => name === "add");
  const columns = [
    `${choose((name) => sqlLiteral(name))} AS name`,
    `${choose((name) => actionJson(tree, name))} AS json`,
    `${hasAdds && typedOnly.stats ? parsedStats(tree) : "NULL"}::VARCHAR AS stats`,
    `${hasAdds && typedOnly.partitionValues ? parsedPartitionValues(tree) : "NULL"}::VARCHAR AS partition_values`,
  ];
  return `SELECT ${columns.join(", ")} FROM ${from} WHERE ${found.map(({ test }) => `(${test})`).join(" OR ")}`;
}

/** SQL for the canonical path of a file action; `canonicalPath` in file-key.ts is its twin. */
export function canonicalPathSql(path: string): string {
  return `CASE WHEN contains(${path}, '%') OR starts_with(${path}, 'file:/') THEN regexp_replace(url_decode(${path}), '^file:/+', '/') ELSE ${path} END`;
}

/** SQL for the content of an action as JSON text. @param isEmpty true of fields that no row has a value in */
export function actionJson(
  tree: readonly ParquetNode[],
  name: string,
  isEmpty: (field: ParquetNode) => boolean = () => false,
): string {
  const column = childNamed(tree, name);
  if (column === undefined) return "NULL";
  const fields = column.children.filter((field) => !typedTwins.has(field.name) && !isEmpty(field));
  const entries = fields.map((field) => `${sqlLiteral(field.name)}, ${reference([column.name, field.name])}`);
  return `json_object(${entries.join(", ")})::VARCHAR`;
}

const typedTwins: ReadonlySet<string> = new Set(["stats_parsed", "partitionValues_parsed"]);

/** SQL for the statistics of an add as JSON text, from the typed column; NULL where that says nothing, or the plain one says it. */
export function parsedStats(tree: readonly ParquetNode[]): string {
  const add = childNamed(tree, "add");
  const parsed = add && childNamed(add.children, "stats_parsed");
  if (add === undefined || parsed === undefined || parsed.children.length === 0) return "NULL";
  const path = [add.name, parsed.name];
  const plain = childNamed(add.children, "stats");
  const isWanted = plain === undefined ? "" : `${reference([add.name, plain.name])} IS NULL AND `;
  return `CASE WHEN ${isWanted}${reference(path)} IS NOT NULL THEN ${structJson(parsed, path)} END`;
}

/** SQL for the partition values of an add as JSON text, from the typed column, as `parsedStats`. */
export function parsedPartitionValues(tree: readonly ParquetNode[]): string {
  const add = childNamed(tree, "add");
  const parsed = add && childNamed(add.children, "partitionValues_parsed");
  if (add === undefined || parsed === undefined || parsed.children.length === 0) return "NULL";
  const plain = childNamed(add.children, "partitionValues");
  const entries = parsed.children.map(
    (field) => `${sqlLiteral(field.name)}, ${leafText(field, [add.name, parsed.name, field.name])}`,
  );
  const json = `json_object(${entries.join(", ")})::VARCHAR`;
  const isWanted = plain === undefined ? "" : `${reference([add.name, plain.name])} IS NULL AND `;
  return `CASE WHEN ${isWanted}${reference([add.name, parsed.name])} IS NOT NULL THEN ${json} END`;
}

/** Fields that are null are left out, as writers of JSON statistics do. */
function structJson(node: ParquetNode, path: readonly string[]): string {
  const fields = node.children
    .filter((field) => !isVariant(field))
    .map((field) => {
      const fieldPath = [...path, field.name];
      const value = isStruct(field) ? structJson(field, fieldPath) : leafJson(field, fieldPath);
      return `CASE WHEN ${reference(fieldPath)} IS NOT NULL THEN ${sqlLiteral(`${JSON.stringify(field.name)}:`)} || ${value} END`;
    });
  return `('{' || concat_ws(',', ${fields.join(", ")}) || '}')`;
}

/** Bounds of a variant are paths and values that nothing here makes use of; a struct of two binaries has none. */
const isVariant = ({ children }: ParquetNode): boolean =>
  children.length >= 2 &&
  children.some(({ name }) => name === "metadata") &&
  children.every(({ name }) => variantParts.has(name));

const variantParts: ReadonlySet<string> = new Set(["metadata", "value", "typed_value"]);

const isStruct = (node: ParquetNode): boolean =>
  node.children.length > 0 && !/\b(LIST|MAP|ListType|MapType)\b/.test(node.annotation);

function leafJson(node: ParquetNode, path: readonly string[]): string {
  const value = reference(path);
  if (isTimestamp(node)) return `'"' || ${timestampText(node, value, isoFormat)} || '"'`;
  if (isDecimal(node)) return decimalText(value); // digits as they are: through to_json they would pass a double
  if (isFloat(node))
    return `CASE WHEN isfinite(${value}) THEN ${value}::VARCHAR ELSE '"' || ${specialNumber(value)} || '"' END`;
  return `to_json(${value})::VARCHAR`;
}

/** A partition value as the log spells it. PROTOCOL.md, "Partition Value Serialization". */
function leafText(node: ParquetNode, path: readonly string[]): string {
  const value = reference(path);
  if (isTimestamp(node)) return timestampText(node, value, logFormat);
  if (isDecimal(node)) return decimalText(value);
  if (isFloat(node)) return `CASE WHEN isfinite(${value}) THEN ${value}::VARCHAR ELSE ${specialNumber(value)} END`;
  return `${value}::VARCHAR`;
}

const specialNumber = (value: string): string =>
  `CASE WHEN isnan(${value}) THEN 'NaN' WHEN ${value} > 0 THEN 'Infinity' ELSE '-Infinity' END`;

/** DuckDB leaves out the zero before the point, which JSON does not allow. */
const decimalText = (value: string): string => `regexp_replace(${value}::VARCHAR, '^(-?)\\.', '\\10.')`;

interface TimeFormat {
  readonly pattern: string;
  readonly zone: string;
}

const isoFormat: TimeFormat = { pattern: "%Y-%m-%dT%H:%M:%S.%f", zone: "Z" };
const logFormat: TimeFormat = { pattern: "%Y-%m-%d %H:%M:%S.%f", zone: "" };

// INT96 is what older writers use for instants; only an integer can be marked as a time without zone.
const isTimestamp = (node: ParquetNode): boolean => node.physicalType === "INT96" || /timestamp/i.test(node.annotation);
const isInstant = (node: ParquetNode): boolean => !/isAdjustedToUTC=false/i.test(node.annotation);
const isFloat = (node: ParquetNode): boolean => /DOUBLE|FLOAT/.test(node.physicalType);
const isDecimal = (node: ParquetNode): boolean => /decimal/i.test(node.annotation);

function timestampText(node: ParquetNode, value: string, { pattern, zone }: TimeFormat): string {
  // Three digits of a second, as writers of JSON statistics have it, unless there are more.
  const text = `regexp_replace(strftime((${value})::TIMESTAMP, ${sqlLiteral(pattern)}), '000$', '')`;
  return zone !== "" && isInstant(node) ? `${text} || ${sqlLiteral(zone)}` : text;
}

/** SQL for a column, or a field in one. */
export function reference(path: readonly string[]): string {
  return path.map(sqlIdentifier).join(".");
}
