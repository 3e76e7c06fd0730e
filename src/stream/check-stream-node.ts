// stream/check-stream-node.ts: which queries can run in which output mode; what cannot be right is refused before the first batch.
// streaming.md, "Output mode x query shape".
import { AlluviumError } from "../format/error.ts";
import type { OutputMode } from "./output-mode.ts";
import type { StreamNode } from "./stream-node.ts";
import { hasNode, inputsOf, nodesOf, watermarksBelow } from "./stream-shape.ts";

/**
 * Refuses what cannot be done incrementally.
 * @throws AlluviumError `STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION` for a query that has no meaning in the mode,
 * `_LEGACY_ERROR_TEMP_3102` (Spark's unsupported-operation check) for an operator that cannot run there
 */
export function checkStreamNode(node: StreamNode, outputMode: OutputMode): void {
  const nodes = nodesOf(node);
  const aggregates = nodes.filter((found) => found.kind === "aggregate");
  if (outputMode === "complete") checkComplete(aggregates.length, hasNode(node, "join"));
  if (outputMode === "update" && aggregates.length > 1)
    throw unsupported("several aggregations one upon another", outputMode, "use append with a watermark");
  for (const found of nodes) checkNode(found, outputMode);
}

function checkComplete(aggregateCount: number, hasJoin: boolean): void {
  if (aggregateCount === 0) {
    const why = "its whole result would be every row ever read; use append";
    throw wrongMode("complete", "a query without an aggregation", why);
  }
  if (aggregateCount > 1) throw unsupported("several aggregations one upon another", "complete", "use append with a watermark");
  if (hasJoin) throw unsupported("an aggregation with a join of two streams", "complete", "use append or update");
}

function checkNode(node: StreamNode, outputMode: OutputMode): void {
  switch (node.kind) {
    case "aggregate":
      return checkAggregate(node, outputMode);
    case "deduplicate":
      if (node.withinWatermark && (node.eventTime === null || watermarksBelow(node).length === 0))
        throw unsupported("dropDuplicatesWithinWatermark without a watermark", outputMode, "call withWatermark before it");
      return;
    case "join":
      return checkJoin(node, outputMode);
    case "limit":
      if (outputMode === "update") throw unsupported("LIMIT", outputMode, "use append, or complete upon an aggregation");
      return;
    case "sort":
      if (outputMode === "complete" && inputsOf(node).some((input) => hasNode(input, "aggregate"))) return;
      throw unsupported("ORDER BY", outputMode, "sort the table that the stream writes, or aggregate and use complete");
    case "source":
    case "rows":
    case "watermark":
    case "union":
      return;
  }
}

function checkAggregate(node: Extract<StreamNode, { kind: "aggregate" }>, outputMode: OutputMode): void {
  const closes = node.keys.some((key) => key.eventTime !== null) && watermarksBelow(node).length > 0;
  if (outputMode === "append" && !closes) {
    const why =
      "a group is final only when a watermark closes it: group by a window of a column with a watermark, or use complete or update";
    throw wrongMode(outputMode, "an aggregation without a watermark in its grouping keys", why);
  }
  if (outputMode === "update" && node.keys.some((key) => key.eventTime?.kind === "session"))
    throw wrongMode(outputMode, "session windows", "sessions that merge cannot be taken back; use append or complete");
}

function checkJoin(node: Extract<StreamNode, { kind: "join" }>, outputMode: OutputMode): void {
  const { type, timeRange, eventTime } = node;
  if (outputMode === "update" && (hasNode(node.left, "aggregate") || hasNode(node.right, "aggregate")))
    throw unsupported("a join of an aggregated stream", outputMode, "use append with a watermark");
  if (type === "inner" || type === "semi") return;
  const what = `a ${type} outer join of two streams`;
  if (outputMode === "update") throw unsupported(what, outputMode, "use append");
  const isBounded =
    eventTime.left !== null &&
    eventTime.right !== null &&
    (type === "right" || (timeRange?.maxMicros ?? null) !== null) &&
    (type === "left" || (timeRange?.minMicros ?? null) !== null);
  if (isBounded) return;
  const help = "give both streams a watermark and the condition a range of their event times, so that it is known when a row can have no match any more";
  throw unsupported(what, outputMode, help);
}

function wrongMode(outputMode: OutputMode, what: string, why: string): AlluviumError {
  const message = `output mode ${outputMode} is not supported by ${what}: ${why}`;
  return new AlluviumError("STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION", { outputMode }, message);
}

function unsupported(what: string, outputMode: OutputMode, help: string): AlluviumError {
  const message = `${what} is not supported by a stream in output mode ${outputMode}: ${help}`;
  return new AlluviumError("_LEGACY_ERROR_TEMP_3102", { outputMode }, message);
}
