// stream/operator/describe-columns.ts: the columns of a SELECT with DuckDB's own types, which state keeps as they are.
import type { SqlConnection } from "../../engine/base/engine.ts";
import type { StateColumn } from "../plan/state-spec.ts";

/** Names and types; nothing is run. */
export async function describeColumns(connection: SqlConnection, sql: string): Promise<readonly StateColumn[]> {
  const rows = await connection.rows(`DESCRIBE ${sql}`);

  return rows.map((row) => ({
    name: String(row["column_name"]),
    type: String(row["column_type"]).replace('"NULL"', "INTEGER"),
  }));
}
