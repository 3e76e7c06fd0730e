// stream/source/empty-relation.ts: a relation without rows, to ask DuckDB for types.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";

/** SELECT that has the columns of a schema and no rows. */
export function emptyRelation(schema: StructType): string {
  const columns = schema.fields.map(
    (field) => `CAST(NULL AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`,
  );
  return `SELECT ${columns.length === 0 ? "1" : columns.join(", ")} WHERE false`;
}
