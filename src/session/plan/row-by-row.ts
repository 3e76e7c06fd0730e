// session/plan/row-by-row.ts: whether a query looks at one row at a time, told by DuckDB's own plan before it is optimized.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";

const harmless: ReadonlySet<string> = new Set(["PROJECTION", "FILTER", "UNNEST", "SEQ_SCAN", "CTE", "CTE_SCAN"]);
const tableName = "alluvium_rows";

/**
 * Says what in a query looks beyond its row: `AGGREGATE`, `WINDOW`, `ORDER_BY`, `COMPARISON_JOIN`, …; null when nothing does.
 * @param sql makes the query over a relation with the columns of `schema`
 */
export async function beyondOneRow(
  connection: SqlConnection,
  schema: StructType,
  sql: (from: string) => string,
): Promise<string | null> {
  const columns = schema.fields.map((field) => `${sqlIdentifier(field.name)} ${duckdbType(field.type)}`);
  await connection.run(`CREATE OR REPLACE TEMP TABLE ${tableName} (${columns.join(", ")})`);
  // The optimizer may fold an operator away for want of rows: the plan as bound is asked instead.
  await connection.run("SET explain_output = 'all'");
  const rows = await connection.rows(`EXPLAIN (FORMAT json) ${sql(`SELECT * FROM ${tableName}`)}`);
  const plan = rows.find((row) => row["explain_key"] === "logical_plan")?.["explain_value"];
  const operators = [...String(plan).matchAll(/"name":\s*"([^"]*)"/g)].map((match) => (match[1] ?? "").trim());
  const scans = operators.filter((operator) => operator === "SEQ_SCAN");
  return operators.find((operator) => !harmless.has(operator)) ?? (scans.length === 1 ? null : "SEVERAL_SCANS");
}
