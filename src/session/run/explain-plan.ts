// session/run/explain-plan.ts: what a frame will do: the files it reads and those it skips, and why; for a stream its operators.
import { AlluviumError } from "../../format/text/error.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import type { StreamNode } from "../../stream/plan/stream-node.ts";
import { checkOutputMode } from "../../sql/stream/streaming-rules.ts";
import { temporaryDirectory } from "../../engine/files/temporary-directory.ts";
import { compileStreamFrame, streamSourcesOf } from "./compile-stream.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type Plan, isStreamingPlan } from "../plan/plan.ts";
import { type ScannedFiles, planRelation } from "./source-relation.ts";

/** The plan as text. @throws AlluviumError for names and types that cannot be resolved */
export function explainPlan(context: FrameContext, plan: Plan): Promise<string> {
  return isStreamingPlan(plan) ? explainStream(context, plan) : explainBatch(context, plan);
}

async function explainBatch(context: FrameContext, plan: Plan): Promise<string> {
  const scans: ScannedFiles[] = [];
  await using scratch = await temporaryDirectory();
  const { relation } = await planRelation(context, plan, {
    temporaryDirectory: scratch.path,
    onScan: (scan) => scans.push(scan),
  });
  await using connection = await context.engine.sql.connect();
  const rows = await connection.rows(`EXPLAIN ${relation}`);
  const lines = scans.flatMap(({ tablePath, version, plan: files, conditions }) => [
    `table ${tablePath}, version ${version}`,
    `  reads ${files.files.length} of ${files.fileCount} files`,
    ...(files.prunedCount > 0 ? [`  leaves out ${files.prunedCount} by partition values`] : []),
    ...(files.skippedCount > 0 ? [`  leaves out ${files.skippedCount} by statistics`] : []),
    ...conditions.map((condition) => `  asked of files: ${condition}`),
  ]);
  const text = rows[0]?.["explain_value"];
  return [...lines, typeof text === "string" ? text : ""].join("\n");
}

async function explainStream(context: FrameContext, plan: Plan): Promise<string> {
  const { relation } = await compileStreamFrame(context, plan);
  const sources = streamSourcesOf(plan).map((source, index) => `source ${index}: ${source.tablePath}`);
  if (relation === null) return [...sources, "JavaScript, row by row; output mode append or update"].join("\n");
  const modes: OutputMode[] = [];
  for (const mode of ["append", "update", "complete"] as const) if (await runsIn(context, plan, mode)) modes.push(mode);
  return [...treeLines(relation.node, 0), ...sources, `output modes: ${modes.join(", ") || "none"}`].join("\n");
}

async function runsIn(context: FrameContext, plan: Plan, outputMode: OutputMode): Promise<boolean> {
  try {
    const { relation } = await compileStreamFrame(context, plan, { outputMode });
    if (relation !== null) checkOutputMode(relation.node, outputMode);
    return true;
  } catch (error) {
    if (error instanceof AlluviumError) return false;
    throw error;
  }
}

function treeLines(node: StreamNode, depth: number): readonly string[] {
  const line = `${"  ".repeat(depth)}${wordsOf(node)}`;
  const below = (inputs: readonly StreamNode[]): readonly string[] =>
    inputs.flatMap((input) => treeLines(input, depth + 1));
  switch (node.kind) {
    case "source":
      return [line];
    case "join":
      return [line, ...below([node.left, node.right])];
    case "union":
      return [line, ...below(node.inputs)];
    case "rows":
    case "sort":
    case "watermark":
    case "aggregate":
    case "deduplicate":
    case "limit":
      return [line, ...below([node.input])];
  }
}

function wordsOf(node: StreamNode): string {
  switch (node.kind) {
    case "source":
      return `source ${node.index}`;
    case "rows":
    case "sort":
      return `${node.kind}: ${node.sql("…", 0)}`;
    case "watermark":
      return `watermark: ${node.column}, ${node.delayMs} ms late`;
    case "aggregate":
      return `aggregate: by ${node.keys.map(({ name }) => name).join(", ") || "nothing"}; ${node.aggregates.map((call) => `${call.name} = ${call.function}(${call.args.join(", ")})`).join(", ")}`;
    case "deduplicate":
      return `deduplicate${node.withinWatermark ? " within watermark" : ""}: ${node.columns.join(", ") || "all columns"}`;
    case "join":
      return `${node.type} join: ${node.condition}`;
    case "union":
      return "union";
    case "limit":
      return `limit: ${node.count}`;
  }
}
