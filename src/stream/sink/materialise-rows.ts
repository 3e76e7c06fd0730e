// stream/sink/materialise-rows.ts: rows from JavaScript can be pulled once; here they become files that can be read as often as a sink likes.
import type { Engine } from "../../engine/base/engine.ts";
import { keepBatches } from "../../engine/parquet/keep-batches.ts";
import type { Rows } from "../../writer/rows.ts";

/** The same rows in a form that can be read again: Arrow batches are written to files in `directory`, which the caller removes. */
export async function materialiseRows<R extends Rows>(
  engine: Engine,
  rows: R,
  directory: string,
): Promise<Exclude<R, { kind: "arrow" }> | Extract<Rows, { kind: "relation" }>> {
  if (rows.kind !== "arrow") return rows as Exclude<R, { kind: "arrow" }>; // as was just seen
  return { kind: "relation", schema: rows.schema, sql: await keepBatches(engine, rows, directory) };
}
