// sql/tree/aggregate-names.ts: which functions of DuckDB are aggregates.
import type { Engine } from "../../engine/base/engine.ts";

/** Their names, lower case. */
export async function readAggregateNames(engine: Engine): Promise<ReadonlySet<string>> {
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    "SELECT DISTINCT function_name AS name FROM duckdb_functions() WHERE function_type = 'aggregate'",
  );
  return new Set(rows.map((row) => String(row["name"])));
}
