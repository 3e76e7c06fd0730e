// session/stream-plan.ts: a compiled streaming frame as a plan that runs batch by batch.
import { assert } from "../format/error.ts";
import { schemaOfRows } from "../format/column-mapping.ts";
import type { BatchInput, BatchPlan } from "../stream/batch-plan.ts";
import { batchRelation } from "../stream/batch-relation.ts";
import { checkOutputMode, needsAggregation } from "../sql/streaming-rules.ts";
import { compileStreamNode } from "../stream/compile-stream-node.ts";
import type { OutputMode } from "../stream/output-mode.ts";
import type { Segment } from "./compile-steps.ts";
import { type CompiledStream, compileStreamFrame, refreshStatics } from "./compile-stream.ts";
import type { FrameContext } from "./frame-context.ts";
import type { Plan } from "./plan.ts";
import type { StructType } from "../format/schema.ts";
import { repeatable, runSegments } from "./run-segments.ts";

/** What a query is started with. */
export interface StreamPlanOptions {
  readonly outputMode: OutputMode;
  /** Columns of the open sources, in the order of `streamSourcesOf`. */
  readonly schemas: readonly StructType[];
}

/**
 * Compiles a frame for a run.
 * @throws AlluviumError as `compileStreamFrame`, `checkOutputMode` and `compileStreamNode`
 */
export async function planStream(context: FrameContext, plan: Plan, options: StreamPlanOptions): Promise<BatchPlan> {
  const compiled = await compileStreamFrame(context, plan, options);
  if (compiled.relation === null) {
    if (options.outputMode === "complete") throw needsAggregation();
    return javaScriptPlan(compiled);
  }
  checkOutputMode(compiled.relation.node, options.outputMode);
  const batches = await compileStreamNode(context.engine, compiled.relation.node, { outputMode: options.outputMode });
  if (compiled.statics.length === 0) return batches;
  return {
    ...batches,
    run: async (batch) => {
      await refreshStatics(context, compiled.statics, batch.temporaryDirectory);
      return batches.run(batch);
    },
  };
}

/** Row-by-row steps, some of them JavaScript, over one source. */
function javaScriptPlan({ schema, segments }: CompiledStream): BatchPlan {
  assert(segments !== null, "a frame is compiled to operators or to steps");
  return {
    outputSchema: schema,
    run: async (batch) => {
      const rows = await transform(batch, segments);
      return batch.isReadAgain ? repeatable(batch, rows) : rows;
    },
  };
}

async function transform(batch: BatchInput, segments: readonly Segment[]): ReturnType<typeof runSegments> {
  const [input] = batch.inputs;
  assert(input !== undefined && batch.inputs.length === 1, "steps with JavaScript have one source");
  return runSegments({
    engine: batch.engine,
    schema: schemaOfRows(input.schema),
    relation: await batchRelation(batch.engine, input),
    segments,
    nowMs: batch.batchTimestampMs,
    temporaryDirectory: batch.temporaryDirectory,
  });
}
