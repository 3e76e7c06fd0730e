// writer/read-csv.ts: CSV files as a relation. Columns that the table has are read as text and cast here, because DuckDB's
// own casts of text round: 1.5 to 2, 1.239 to 1.24.
import { describeQuery } from "../engine/duckdb/duckdb-schema.ts";
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import type { SqlConnection } from "../engine/base/engine.ts";
import { sqlFilePaths, sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import { AlluviumError } from "../format/text/error.ts";
import { findField, formatType } from "../format/schema/schema-type.ts";
import type { DataType, StructField, StructType } from "../format/schema/schema.ts";
import type { Rows } from "./rows.ts";

/**
 * The rows of CSV files with a header line. An empty field is null, `""` is empty text. Columns that the table lacks, and all columns
 * when there is no table, get the type that DuckDB makes out.
 * @throws AlluviumError `CAST_INVALID_INPUT` by the statement, for a value that is not of its column's type; `INVALID_ARGUMENT` for
 *   a column whose type no CSV field can hold
 */
export async function csvRelation(
  connection: SqlConnection,
  paths: readonly string[],
  tableSchema: StructType | null,
): Promise<Extract<Rows, { readonly kind: "relation" }>> {
  const sniffed = await describeQuery(connection, readCsv(paths, []));
  const known =
    tableSchema === null ? [] : sniffed.fields.filter((field) => findField(tableSchema, field.name) !== undefined);
  const columns = sniffed.fields.map((field) => {
    const target = tableSchema === null ? undefined : findField(tableSchema, field.name);
    const column = sqlIdentifier(field.name);
    return {
      field: { ...(target ?? field), name: field.name },
      sql: target === undefined ? column : `${castText(column, target)} AS ${column}`,
    };
  });
  const text = readCsv(
    paths,
    known.map((field) => field.name),
  );
  return {
    kind: "relation",
    schema: { kind: "struct", fields: columns.map(({ field }) => field) },
    sql: `SELECT ${columns.map(({ sql }) => sql).join(", ")} FROM (${text})`,
  };
}

function readCsv(paths: readonly string[], textColumns: readonly string[]): string {
  const types =
    textColumns.length === 0
      ? ""
      : `, types = {${textColumns.map((name) => `${sqlLiteral(name)}: 'VARCHAR'`).join(", ")}}`;
  return `SELECT * FROM read_csv(${sqlFilePaths(paths)}, header = true, sample_size = -1, allow_quoted_nulls = false, hive_partitioning = false, union_by_name = ${paths.length > 1}${types})`;
}

function castText(column: string, { name, type }: StructField): string {
  const pattern = patternOf(type, name);
  const value = type.kind === "primitive" && type.name === "string" ? column : `trim(${column})`;
  const cast =
    type.kind === "primitive" && type.name === "binary"
      ? `from_base64(${value})`
      : `CAST(${value} AS ${duckdbType(type)})`;
  if (pattern === null) return cast;
  const message = `${sqlLiteral(`column ${name}: `)} || ${column} || ${sqlLiteral(` is no exact ${formatType(type)}`)}`;
  return `CASE WHEN ${column} IS NULL OR regexp_full_match(${value}, ${sqlLiteral(pattern)}) THEN ${cast} ELSE error(${message}) END`;
}

/** What the text of a value looks like when the cast keeps all of it; null when every text that can be cast does. */
function patternOf(type: DataType, name: string): string | null {
  if (type.kind === "decimal") return `[+-]?[0-9]*(\\.[0-9]{0,${type.scale}}0*)?`;
  if (type.kind !== "primitive" || type.name === "variant" || type.name === "void") {
    const message = `column ${name} is ${formatType(type)}, which a CSV file cannot hold; use JSON lines, Parquet or Arrow`;
    throw new AlluviumError("INVALID_ARGUMENT", { column: name, type: formatType(type) }, message);
  }
  switch (type.name) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return "[+-]?[0-9]+";
    case "date":
      return "[+-]?[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}";
    case "timestamp":
      return `${dateTime}(Z|z|UTC| UTC|[+-][0-9]{2}(:?[0-9]{2})?)?`;
    case "timestamp_ntz":
      return dateTime;
    case "boolean":
      return "(?i)true|false|t|f|1|0";
    case "float":
    case "double":
    case "string":
    case "binary":
      return null;
  }
}

const dateTime = "[0-9]{4,6}-[0-9]{1,2}-[0-9]{1,2}([ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]{0,6}0*)?)?)?";
