// engine/duckdb/query-batches.ts: the rows of a SELECT as Arrow.
import type { RecordBatch } from "apache-arrow";
import type { StructType } from "../../format/schema/schema.ts";
import type { Engine } from "../base/engine.ts";

/** Pulls the rows of a SELECT over a connection of its own, open as long as rows are pulled. `schema` is that of its columns, in their order. */
export async function* queryBatches(
  engine: Engine,
  { sql, schema }: { readonly sql: string; readonly schema: StructType },
): AsyncGenerator<RecordBatch> {
  await using connection = await engine.sql.connect();
  yield* connection.batches(sql, schema);
}
