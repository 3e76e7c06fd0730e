// session/compile-stream.ts: a streaming plan made ready to run, batch by batch.
import type { AddFile } from "../format/action.ts";
import { schemaOfRows } from "../format/column-mapping.ts";
import type { StructType } from "../format/schema.ts";
import { nestedFields } from "../format/schema-type.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import type { Engine } from "../engine/engine.ts";
import { scanRelation } from "../reader/scan-relation.ts";
import { scannedFiles } from "../reader/scanned-files.ts";
import type { BatchPlan, BatchInput } from "../stream/batch-plan.ts";
import type { BatchFiles } from "../stream/source.ts";
import type { Rows, SourceFile } from "../writer/rows.ts";
import { assert } from "../format/error.ts";
import { type Segment, compileSteps } from "./compile-steps.ts";
import type { PlanStep } from "./plan.ts";
import { repeatable, runSegments } from "./run-segments.ts";

/**
 * Resolves the steps against the source's columns. With `isRepeatable` the rows of a batch can be read more than once.
 * @throws AlluviumError as `compileSteps` does
 */
export async function compileStream(
  engine: Engine,
  sourceSchema: StructType,
  { steps, isRepeatable }: { readonly steps: readonly PlanStep[]; readonly isRepeatable: boolean },
): Promise<BatchPlan> {
  await using connection = await engine.sql.connect();
  const segments = await compileSteps({ connection, schema: sourceSchema, steps, isStreaming: true });
  return {
    outputSchema: segments.at(-1)?.schema ?? schemaOfRows(sourceSchema),
    run: async (batch) => {
      if (segments.length === 0) return identity(batch);
      const rows = await transform(batch, segments);
      return isRepeatable ? repeatable(batch, rows) : rows;
    },
  };
}

/** Without steps the source's files are the rows, where they hold these rows and no others, named and typed as they are. */
async function identity(batch: BatchInput): Promise<Rows> {
  const input = onlyInput(batch);
  const schema = schemaOfRows(input.schema);
  const relation = scanRelation(input, await scannedFiles(batch.engine, input, input));
  if (!isPlain(input)) return { kind: "relation", schema, sql: relation };
  const files = input.files.map((file) => sourceFile(input.tablePath, file));
  return { kind: "files", schema, partitionColumns: input.partitionColumns, files, relation };
}

/** Files with deleted rows, with names of their own or of an older, narrower type must be read, not copied. */
function isPlain({ files, schema, columnMapping = "none" }: BatchFiles): boolean {
  if (columnMapping !== "none" || files.some((file) => file.deletionVector !== undefined)) return false;
  return nestedFields(schema).every(({ field }) => field.metadata["delta.typeChanges"] === undefined);
}

async function transform(batch: BatchInput, segments: readonly Segment[]): ReturnType<typeof runSegments> {
  const input = onlyInput(batch);
  return runSegments({
    engine: batch.engine,
    schema: input.schema,
    relation: scanRelation(input, await scannedFiles(batch.engine, input, input)),
    segments,
    nowMs: batch.batchTimestampMs,
    temporaryDirectory: batch.temporaryDirectory,
  });
}

function onlyInput(batch: BatchInput): BatchFiles {
  const [input] = batch.inputs;
  assert(input !== undefined && batch.inputs.length === 1, "a row-by-row plan has one source");
  return input;
}

function sourceFile(tablePath: string, file: AddFile): SourceFile {
  return {
    path: resolveDataPath(tablePath, file.path),
    sizeBytes: file.sizeBytes,
    partitionValues: file.partitionValues,
    ...(file.stats === undefined ? {} : { stats: file.stats }),
  };
}
