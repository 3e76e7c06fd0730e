// sql/tree/aggregate-names.ts: which functions of DuckDB are aggregates.
import type { Engine } from "../../engine/base/engine.ts";
import { type Tree, textOf } from "./query-tree.ts";

/** Their names, lower case. */
export async function readAggregateNames(engine: Engine): Promise<ReadonlySet<string>> {
  await using connection = await engine.sql.connect();
  const rows = await connection.rows(
    "SELECT DISTINCT function_name AS name FROM duckdb_functions() WHERE function_type = 'aggregate'",
  );
  return new Set(rows.map((row) => String(row["name"])));
}

/** True for a call of an aggregate function; DuckDB's parser gives names of functions in lower case. */
export function isAggregate(node: Tree, aggregates: ReadonlySet<string>): boolean {
  return textOf(node, "class") === "FUNCTION" && aggregates.has(textOf(node, "function_name"));
}
