// sql/stream/streaming-rules.ts: which shapes of queries run in which output mode. streaming.md, section 5.
import { AlluviumError } from "../../format/text/error.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import type { StreamNode } from "../../stream/plan/stream-node.ts";
import { inputsOf } from "../../stream/plan/stream-shape.ts";

/** What a rule looks at. */
interface Shape {
  /** All operators, the last one first. */
  readonly nodes: readonly StreamNode[];
  readonly aggregates: readonly AggregateNode[];
  readonly joins: readonly Extract<StreamNode, { kind: "join" }>[];
}

type AggregateNode = Extract<StreamNode, { kind: "aggregate" }>;

type Verdict = (shape: Shape) => AlluviumError | null;

/** True when an aggregate is among the operators. */
export function hasAggregate(node: StreamNode): boolean {
  return operatorsOf(node).some((one) => one.kind === "aggregate");
}

/**
 * Checks a query against an output mode.
 * @throws AlluviumError `STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION`, `_LEGACY_ERROR_TEMP_3102`, `_LEGACY_ERROR_TEMP_3068`
 */
export function checkOutputMode(node: StreamNode, outputMode: OutputMode): void {
  const nodes = operatorsOf(node);
  const shape: Shape = {
    nodes,
    aggregates: nodes.filter((one) => one.kind === "aggregate"),
    joins: nodes.filter((one) => one.kind === "join"),
  };
  for (const rule of rules[outputMode]) {
    const error = rule(shape);
    if (error !== null) throw error;
  }
}

/** The operators of a tree, from the last to the sources. */
export function operatorsOf(node: StreamNode): readonly StreamNode[] {
  return [node, ...inputsOf(node).flatMap(operatorsOf)];
}

const hasWatermark = (node: StreamNode): boolean => operatorsOf(node).some((one) => one.kind === "watermark");

/** The watermark closes its groups. */
function isClosing(node: AggregateNode): boolean {
  const isTimed = node.keys.some(
    ({ eventTime }) => eventTime !== null && (eventTime.kind === "column" || eventTime.isEventTime),
  );
  return isTimed && hasWatermark(node);
}

const isSession = (node: AggregateNode): boolean => node.keys.some(({ eventTime }) => eventTime?.kind === "session");

const mode = (outputMode: OutputMode, why: string): AlluviumError =>
  new AlluviumError(
    "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION",
    { outputMode },
    `output mode ${outputMode} is not supported for this query: ${why}`,
  );

const operator = (name: string, outputMode: OutputMode, help: string): AlluviumError =>
  new AlluviumError(
    "_LEGACY_ERROR_TEMP_3102",
    { operator: name, outputMode },
    `${name} is not supported on a stream in output mode ${outputMode}; ${help}`,
  );

/** The refusal of complete mode without an aggregation. */
export const needsAggregation = (): AlluviumError =>
  mode("complete", "it has no aggregation, so its whole result would be every row ever read; use append");

const needsAggregate: Verdict = ({ aggregates }) => (aggregates.length > 0 ? null : needsAggregation());

const onlyOneAggregate =
  (outputMode: OutputMode): Verdict =>
  ({ aggregates }) =>
    aggregates.length < 2
      ? null
      : operator(
          "an aggregation of an aggregation",
          outputMode,
          "use append with a watermark and windows, or write the first result to a table and stream that",
        );

const noStreamJoin: Verdict = ({ joins }) =>
  joins.length === 0
    ? null
    : operator(
        "a join of two streams",
        "complete",
        "use append, or write the joined rows to a table and aggregate that",
      );

const sessionHasKey: Verdict = ({ aggregates }) =>
  aggregates.every((node) => !isSession(node) || node.keys.length > 1)
    ? null
    : new AlluviumError(
        "_LEGACY_ERROR_TEMP_3068",
        {},
        "a session_window cannot be the only grouping key; group by one more column",
      );

const closedGroups: Verdict = ({ aggregates }) =>
  aggregates.every(isClosing)
    ? null
    : mode(
        "append",
        "its groups never end; use complete or update, or a watermark (withWatermark) and group by window(time, …) or the time itself",
      );

const noLimitOverGroups: Verdict = ({ aggregates, nodes }) =>
  aggregates.length === 0 || nodes.every((node) => node.kind !== "limit")
    ? null
    : mode("append", "LIMIT over an aggregation wants the whole result; use complete");

const noSort =
  (outputMode: OutputMode): Verdict =>
  ({ nodes }) =>
    nodes.every((node) => node.kind !== "sort")
      ? null
      : operator(
          "sorting (ORDER BY)",
          outputMode,
          "a stream never has all its rows; leave the order to whoever reads the result, or sort an aggregation in complete mode",
        );

const noLimit: Verdict = ({ nodes }) =>
  nodes.every((node) => node.kind !== "limit") ? null : operator("LIMIT", "update", "use append");

const noSession: Verdict = ({ aggregates }) =>
  aggregates.some(isSession)
    ? mode("update", "a session window may grow and take its earlier result back; use append or complete")
    : null;

const timedDeduplication =
  (outputMode: OutputMode): Verdict =>
  ({ nodes }) =>
    nodes.every((node) => node.kind !== "deduplicate" || !node.withinWatermark || hasWatermark(node))
      ? null
      : operator(
          "dropDuplicatesWithinWatermark without a watermark",
          outputMode,
          "say withWatermark first, or use dropDuplicates",
        );

const boundedOuterJoins: Verdict = ({ joins }) =>
  joins.every((join) => !isOuter(join) || isBounded(join))
    ? null
    : operator(
        "an outer join of two streams without a watermark and a bound of time in its condition",
        "append",
        "say withWatermark on both sides, and how far apart their times may be",
      );

const isOuter = (join: Shape["joins"][number]): boolean =>
  join.type === "left" || join.type === "right" || join.type === "full";

/** Rows without a match are known to be so once the watermark has passed. */
function isBounded({ eventTime, timeRange, keys, left, right }: Shape["joins"][number]): boolean {
  const isTimed = (eventTime.left !== null && hasWatermark(left)) || (eventTime.right !== null && hasWatermark(right));
  const isKey = keys.some((key) =>
    [eventTime.left, eventTime.right].some(
      (name) => name !== null && (key.left.includes(name) || key.right.includes(name)),
    ),
  );
  return isTimed && (timeRange !== null || isKey);
}

const noOuterJoin: Verdict = ({ joins }) =>
  joins.every((join) => !isOuter(join)) ? null : operator("an outer join of two streams", "update", "use append");

const noJoinOverGroups: Verdict = ({ joins }) =>
  joins.every((join) => !hasAggregate(join)) ? null : operator("a join of aggregated streams", "update", "use append");

const rules: Readonly<Record<OutputMode, readonly Verdict[]>> = {
  complete: [needsAggregate, noStreamJoin, sessionHasKey, onlyOneAggregate("complete")],
  append: [
    sessionHasKey,
    closedGroups,
    noLimitOverGroups,
    noSort("append"),
    timedDeduplication("append"),
    boundedOuterJoins,
  ],
  update: [
    noSession,
    onlyOneAggregate("update"),
    noSort("update"),
    noLimit,
    timedDeduplication("update"),
    noOuterJoin,
    noJoinOverGroups,
  ],
};
