// session/run/stream-plan.ts: a compiled streaming frame as a plan that runs batch by batch.
import { assert } from "../../format/text/error.ts";
import { schemaOfRows } from "../../format/protocol/column-mapping.ts";
import type { BatchInput, BatchPlan } from "../../stream/operator/batch-plan.ts";
import { batchRelation } from "../../stream/source/batch-relation.ts";
import { checkOutputMode, needsAggregation } from "../../sql/stream/streaming-rules.ts";
import { compileStreamNode } from "../../stream/operator/compile-stream-node.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import type { Segment } from "./compile-steps.ts";
import { type CompiledStream, compileStreamFrame, refreshStatics } from "./compile-stream.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { filesAsked } from "../../reader/plan-scan.ts";
import { predicateOfAny } from "../plan/leading-conditions.ts";
import { runSegments } from "./run-segments.ts";

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
  const { conditions, relation, statics } = compiled;
  if (relation === null) {
    if (options.outputMode === "complete") throw needsAggregation();
    const steps = javaScriptPlan(compiled);
    return { ...steps, run: (batch) => steps.run(withFilesAsked(batch, conditions)) };
  }
  checkOutputMode(relation.node, options.outputMode);
  const batches = await compileStreamNode(context.engine, relation.node, { outputMode: options.outputMode });
  if (relation.node.kind === "source") return batches;
  return {
    ...batches,
    run: async (batch) => {
      await refreshStatics(context, statics, batch.temporaryDirectory);
      return batches.run(withFilesAsked(batch, conditions));
    },
  };
}

/** Leaves out files of which no row can count. Offsets and limits have been settled before, with all files. */
function withFilesAsked(batch: BatchInput, conditions: CompiledStream["conditions"]): BatchInput {
  const inputs = batch.inputs.map((input, index) => {
    const { schema, partitionColumns, columnMapping } = input;
    const scope = { schema, partitionColumns, isMapped: (columnMapping ?? "none") !== "none" };
    const where = predicateOfAny(conditions[index] ?? [], scope);
    return where === undefined ? input : { ...input, files: filesAsked(input.files, where, scope) };
  });
  return { ...batch, inputs };
}

/** Row-by-row steps, some of them JavaScript, over one source. */
function javaScriptPlan({ schema, segments }: CompiledStream): BatchPlan {
  assert(segments !== null, "a frame is compiled to operators or to steps");
  return {
    outputSchema: schema,
    run: (batch) => transform(batch, segments),
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
