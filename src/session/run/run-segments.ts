// session/run/run-segments.ts: compiled steps over a relation, as rows for a writer or a reader.
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../../engine/base/engine.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { assert } from "../../format/text/error.ts";
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
  for (const [index, segment] of run.segments.entries()) {
    if (segment.kind === "sql") {
      const from: string = rows.kind === "relation" ? rows.sql : await spill(run, rows, index);
      rows = { kind: "relation", schema: segment.schema, sql: segment.sql(from, run.nowMs) };
    } else {
      const before: AsyncIterable<RecordBatch> =
        rows.kind === "arrow" ? rows.batches : relationBatches(run.engine, rows);
      rows = { kind: "arrow", schema: segment.schema, batches: mappedBatches(before, segment) };
    }
  }
  return rows;
}

/** Rows that can be read as often as one likes: those that only pass by are kept in temporary files. */
export async function repeatable(
  run: Pick<SegmentRun, "engine" | "temporaryDirectory">,
  rows: Exclude<Rows, { kind: "files" }>,
): Promise<Exclude<Rows, { kind: "files" }>> {
  if (rows.kind === "relation") return rows;
  return { kind: "relation", schema: rows.schema, sql: await spill(run, rows, 0) };
}

/** The rows of a relation as Arrow, on a connection of their own. */
export async function* relationBatches(
  engine: Engine,
  rows: { readonly sql: string; readonly schema: StructType },
): AsyncGenerator<RecordBatch> {
  await using connection = await engine.sql.connect();
  yield* connection.batches(rows.sql, rows.schema);
}

const spillRowCount = 1_000_000;

/** Writes JavaScript's rows to temporary Parquet files, memory bounded by one file, and answers a SELECT over them. */
async function spill(
  run: Pick<SegmentRun, "engine" | "temporaryDirectory">,
  rows: Extract<Rows, { kind: "arrow" }>,
  index: number,
): Promise<string> {
  const paths: string[] = [];
  let pending: RecordBatch[] = [];
  let pendingRows = 0;
  const flush = async (): Promise<void> => {
    const path = `${run.temporaryDirectory}/rows-${index}-${paths.length}.parquet`;
    await run.engine.parquet.write(path, rows.schema, pending);
    paths.push(path);
    pending = [];
    pendingRows = 0;
  };
  for await (const batch of rows.batches) {
    pending.push(batch);
    pendingRows += batch.numRows;
    if (pendingRows >= spillRowCount) await flush();
  }
  if (pending.length > 0 || paths.length === 0) await flush();
  assert(paths.length > 0, "a spilled step has at least one file");
  return `SELECT * FROM read_parquet([${paths.map((path) => sqlLiteral(path)).join(", ")}])`;
}
