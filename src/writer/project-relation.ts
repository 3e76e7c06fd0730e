// writer/project-relation.ts: a relation with the columns and types of a table, as DuckDB SQL.
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import { formatType } from "../format/schema/schema-type.ts";
import type { Conversion, FieldConversion } from "./conversion.ts";

/**
 * A SELECT of the table's columns out of one whose columns are `dataSchema`, by position. A value that the table cannot hold
 * exactly fails the statement with `CAST_INVALID_INPUT`.
 */
export function projectRelation(sql: string, dataSchema: StructType, columns: readonly FieldConversion[]): string {
  const names = dataSchema.fields.map((_, index) => sourceColumn(index));
  const selected = columns.map(
    (column) =>
      `${column.source === undefined ? nullOf(column.target.type) : topLevel(column, column.source)} AS ${sqlIdentifier(column.target.name)}`,
  );
  return `SELECT ${selected.join(", ")} FROM (${sql}) AS source(${names.join(", ")})`;
}

const sourceColumn = (index: number): string => `c${index}`;

const nullOf = (type: DataType): string => `CAST(NULL AS ${duckdbType(type)})`;

function topLevel(
  { target, conversion }: FieldConversion,
  { index, field }: NonNullable<FieldConversion["source"]>,
): string {
  const value = convert(
    { sql: sourceColumn(index), type: field.type, path: field.name, depth: 0 },
    target.type,
    conversion,
  );
  // Free where the type is right already; where DuckDB has one of its own (enum, JSON, 128-bit integer), the file must not.
  return conversion.kind === "same" ? `CAST(${value} AS ${duckdbType(target.type)})` : value;
}

interface SourceValue {
  readonly sql: string;
  readonly type: DataType;
  /** For messages. */
  readonly path: string;
  /** Of nested lambdas, whose parameters must not share a name. */
  readonly depth: number;
}

function convert(source: SourceValue, target: DataType, conversion: Conversion): string {
  switch (conversion.kind) {
    case "same":
      return source.sql;
    case "null":
      return nullOf(target);
    case "cast":
      return cast(source, target, conversion.exact);
    case "struct":
      return convertStruct(source, conversion.fields);
    case "array":
      return convertArray(source, target, conversion.element);
    case "map":
      return convertMap(source, target, conversion);
  }
}

function cast({ sql, type, path }: SourceValue, target: DataType, exact: boolean): string {
  const converted = `CAST(${sql} AS ${duckdbType(target)})`;
  if (exact) return converted;
  // There and back again: what does not come back the same would have been rounded.
  const back = `CAST(${converted} AS ${duckdbType(type)})`;
  const message = `${sqlLiteral(`column ${path}: `)} || CAST(${sql} AS VARCHAR) || ${sqlLiteral(` does not fit ${formatType(target)} exactly`)}`;
  return `CASE WHEN ${back} IS NOT DISTINCT FROM ${sql} THEN ${converted} ELSE error(${message}) END`;
}

function convertStruct(source: SourceValue, fields: readonly FieldConversion[]): string {
  const packed = fields.map(({ target, source: from, conversion }) => {
    const value =
      from === undefined ? nullOf(target.type) : convert(childOf(source, from.field), target.type, conversion);
    return `${sqlIdentifier(target.name)} := ${value}`;
  });
  return `CASE WHEN ${source.sql} IS NULL THEN NULL ELSE struct_pack(${packed.join(", ")}) END`;
}

function childOf(source: SourceValue, field: StructField): SourceValue {
  return {
    ...source,
    sql: `struct_extract(${source.sql}, ${sqlLiteral(field.name)})`,
    type: field.type,
    path: `${source.path}.${field.name}`,
  };
}

function convertArray(source: SourceValue, target: DataType, element: Conversion): string {
  if (source.type.kind !== "array" || target.kind !== "array") return source.sql;
  const parameter = `e${source.depth}`;
  const inner: SourceValue = {
    sql: parameter,
    type: source.type.elementType,
    path: `${source.path}.element`,
    depth: source.depth + 1,
  };
  return `list_transform(${source.sql}, lambda ${parameter}: ${convert(inner, target.elementType, element)})`;
}

function convertMap(
  source: SourceValue,
  target: DataType,
  conversion: Extract<Conversion, { readonly kind: "map" }>,
): string {
  if (source.type.kind !== "map" || target.kind !== "map") return source.sql;
  const parameter = `e${source.depth}`;
  const side = (name: "key" | "value", type: DataType): SourceValue => ({
    sql: `struct_extract(${parameter}, '${name}')`,
    type,
    path: `${source.path}.${name}`,
    depth: source.depth + 1,
  });
  const key = convert(side("key", source.type.keyType), target.keyType, conversion.key);
  const value = convert(side("value", source.type.valueType), target.valueType, conversion.value);
  return `map_from_entries(list_transform(map_entries(${source.sql}), lambda ${parameter}: struct_pack(k := ${key}, v := ${value})))`;
}
