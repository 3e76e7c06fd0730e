// session/run/run-segments.ts: compiled steps over a relation, as rows for a writer or a reader.
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import { queryBatches } from "../../engine/duckdb/query-batches.ts";
import { keepBatches } from "../../engine/parquet/keep-batches.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Rows } from "../../writer/rows.ts";
import type { Segment } from "./compile-steps.ts";
import { mappedBatches } from "./map-batches.ts";

/** Where the rows start and what the run may use. */
export interface SegmentRun {
  readonly engine: Engine;
  readonly schema: StructType;
  readonly relation: string;
  readonly segments: readonly Segment[];
  readonly nowMs: number;
  /** For rows that JavaScript made and DuckDB reads on; made and removed by the caller. */
  readonly temporaryDirectory: string;
}

/** Chains the segments; JavaScript steps run when the rows are pulled, or here where SQL follows them. */
export async function runSegments(run: SegmentRun): Promise<Exclude<Rows, { kind: "files" }>> {
  let rows: Exclude<Rows, { kind: "files" }> = { kind: "relation", schema: run.schema, sql: run.relation };
  for (const segment of run.segments) {
    if (segment.kind === "sql") {
      const from: string =
        rows.kind === "relation" ? rows.sql : await keepBatches(run.engine, rows, run.temporaryDirectory);
      rows = { kind: "relation", schema: segment.schema, sql: segment.sql(from, run.nowMs) };
    } else {
      const before: AsyncIterable<RecordBatch> = rows.kind === "arrow" ? rows.batches : queryBatches(run.engine, rows);
      rows = { kind: "arrow", schema: segment.schema, batches: mappedBatches(before, segment) };
    }
  }
  return rows;
}
