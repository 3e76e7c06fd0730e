// sql/stream/stream-join.ts: two streams joined: the condition over `l` and `r`, its equalities, and what it says of event time.
// streaming.md, "Joins".
import { AlluviumError } from "../../format/text/error.ts";
import type { StreamJoinType, StreamNode, TimeRange } from "../../stream/plan/stream-node.ts";
import { type FlatColumn, flatName, resolveColumn, restOf } from "../tree/flat-columns.ts";
import { conjuncts } from "../tree/prune.ts";
import { type StreamScope, streamName, unsupported } from "./stream-scope.ts";
import {
  type Tree,
  comparison,
  columnRef,
  findTree,
  optionalTree,
  printExpressions,
  rewrite,
  tableRef,
  textOf,
  textsOf,
  treeOf,
  treesOf,
} from "../tree/query-tree.ts";

/** One side of a join. */
export interface JoinSide {
  readonly node: StreamNode;
  readonly columns: readonly FlatColumn[];
  readonly eventTimes: readonly string[];
}

/** Both sides, and the conditions of WHERE. */
export interface JoinSides {
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly where: Tree | null;
}

/** The joined streams as a FROM. */
export interface JoinedStreams {
  readonly node: StreamNode;
  readonly eventTimes: readonly string[];
  readonly tree: Tree;
  readonly flat: readonly FlatColumn[];
}

const types: Readonly<Record<string, StreamJoinType>> = {
  INNER: "inner",
  LEFT: "left",
  RIGHT: "right",
  FULL: "full",
  SEMI: "semi",
};

/**
 * Joins two streams.
 * @throws AlluviumError `_LEGACY_ERROR_TEMP_3102` for an anti join, `_LEGACY_ERROR_TEMP_1181` without an equality of the sides
 */
export async function joinStreams(
  scope: StreamScope,
  from: Tree,
  { left, right, where }: JoinSides,
): Promise<JoinedStreams> {
  const type = types[textOf(from, "join_type")];
  if (type === undefined)
    throw unsupported(
      `${textOf(from, "join_type")} JOIN of two streams`,
      "use an inner, left, right, full or semi join",
    );
  const conditions = joinConditions(from, { left, right, where }, type);
  const keys = conditions
    .filter(({ sides, tree }) => tree["type"] === "COMPARE_EQUAL" && sides === "both")
    .flatMap(({ tree }) => keyOf(tree));
  if (keys.length === 0) {
    const message =
      "a join of two streams needs an equality of a column of the one and a column of the other in its condition";
    throw new AlluviumError("_LEGACY_ERROR_TEMP_1181", {}, message);
  }
  const texts = await printExpressions(
    scope.connection,
    conditions.map(({ tree }) => tree),
  );
  const [lefts, rights] = [
    await printExpressions(
      scope.connection,
      keys.map((key) => key.left),
    ),
    await printExpressions(
      scope.connection,
      keys.map((key) => key.right),
    ),
  ];
  const flat = type === "semi" ? left.columns : mergedColumns(textsOf(from, "using_columns"), { left, right }, type);
  const fields = type === "semi" ? left.node.schema.fields : [...left.node.schema.fields, ...right.node.schema.fields];
  const eventTime = { left: left.eventTimes[0] ?? null, right: right.eventTimes[0] ?? null };
  const node: StreamNode = {
    kind: "join",
    left: left.node,
    right: right.node,
    type,
    condition: texts.map((text) => `(${text})`).join(" AND "),
    keys: lefts.map((text, index) => ({ left: text, right: rights[index] ?? "" })),
    eventTime,
    timeRange: await timeRange(
      scope,
      conditions.map(({ tree }) => tree),
      eventTime,
    ),
    schema: { kind: "struct", fields },
  };
  const eventTimes = type === "semi" ? left.eventTimes : [...left.eventTimes, ...right.eventTimes];
  return { node, eventTimes, tree: tableRef(streamName, "alluvium_joined"), flat };
}

/** Columns of USING are there once: those of the side that is never null. */
function mergedColumns(
  using: readonly string[],
  { left, right }: Pick<JoinSides, "left" | "right">,
  type: StreamJoinType,
): readonly FlatColumn[] {
  if (using.length > 0 && type === "full")
    throw unsupported("USING in a FULL JOIN of two streams", "write ON a.id = b.id and coalesce(a.id, b.id)");
  const isMerged = ({ name }: FlatColumn): boolean => using.some((one) => one.toLowerCase() === name.toLowerCase());
  const keep = (columns: readonly FlatColumn[], isKept: boolean): readonly FlatColumn[] =>
    columns.filter((column) => isKept || !isMerged(column));
  return [...keep(left.columns, type !== "right"), ...keep(right.columns, type === "right")];
}

interface SideCondition {
  readonly tree: Tree;
  readonly sides: "left" | "right" | "both" | "none";
}

function joinConditions(from: Tree, { left, right, where }: JoinSides, type: StreamJoinType): readonly SideCondition[] {
  const condition = optionalTree(from, "condition");
  const using = textsOf(from, "using_columns").map((name): Tree => {
    const [a, b] = [resolveColumn(left.columns, [name]), resolveColumn(right.columns, [name])];
    return comparison("COMPARE_EQUAL", columnRef(["l", a ?? name]), columnRef(["r", b ?? name]));
  });
  const written =
    condition === null
      ? []
      : conjuncts(condition)
          .flatMap(unfold)
          .map((tree) => overSides(tree, { left, right }));
  const all = [...using, ...written].map((tree) => ({ tree, sides: sidesOf(tree) }));
  if (type !== "inner" || where === null) return all;
  const own = conjuncts(where)
    .flatMap(unfold)
    .map((tree) => overSides(tree, { left, right }))
    .map((tree) => ({ tree, sides: sidesOf(tree) }));
  return [...all, ...own.filter(({ sides }) => sides === "both")];
}

/** `a BETWEEN b AND c` as two comparisons. */
function unfold(tree: Tree): readonly Tree[] {
  if (tree["type"] !== "COMPARE_BETWEEN") return [tree];
  const input = treeOf(tree, "input");
  return [
    comparison("COMPARE_GREATERTHANOREQUALTO", input, treeOf(tree, "lower")),
    comparison("COMPARE_LESSTHANOREQUALTO", input, treeOf(tree, "upper")),
  ];
}

function overSides(tree: Tree, { left, right }: Pick<JoinSides, "left" | "right">): Tree {
  // Both sides at once: a name with its table is that table's column, whatever the other side calls its own.
  const columns = [...left.columns, ...right.columns];
  return rewrite(tree, (node) => {
    if (textOf(node, "class") !== "COLUMN_REF") return undefined;
    const parts = textsOf(node, "column_names");
    const found = resolveColumn(columns, parts);
    if (found === null) return undefined;
    const isLeft = left.columns.some((column) => flatName(column) === found);
    return columnRef([isLeft ? "l" : "r", found, ...restOf(columns, parts)]);
  });
}

function sidesOf(tree: Tree): SideCondition["sides"] {
  const reads = (side: string): boolean =>
    findTree(tree, (node) => textOf(node, "class") === "COLUMN_REF" && textsOf(node, "column_names")[0] === side) !==
    null;
  const [left, right] = [reads("l"), reads("r")];
  return left && right ? "both" : left ? "left" : right ? "right" : "none";
}

function keyOf(tree: Tree): readonly { readonly left: Tree; readonly right: Tree }[] {
  const [a, b] = [treeOf(tree, "left"), treeOf(tree, "right")];
  const sides = [sidesOf(a), sidesOf(b)].join();
  if (sides === "left,right") return [{ left: a, right: b }];
  return sides === "right,left" ? [{ left: b, right: a }] : [];
}

/** An event time of one side and what is added to it. */
interface Moved {
  readonly side: "l" | "r";
  readonly micros: bigint;
}

/** What the condition says of right event time - left event time. */
async function timeRange(
  scope: StreamScope,
  conditions: readonly Tree[],
  eventTime: { readonly left: string | null; readonly right: string | null },
): Promise<TimeRange | null> {
  let minMicros: bigint | null = null;
  let maxMicros: bigint | null = null;
  const atLeast = (micros: bigint): void =>
    void (minMicros = minMicros === null || micros > minMicros ? micros : minMicros);
  const atMost = (micros: bigint): void =>
    void (maxMicros = maxMicros === null || micros < maxMicros ? micros : maxMicros);
  for (const tree of conditions) {
    const type = textOf(tree, "type");
    if (!type.startsWith("COMPARE_") || optionalTree(tree, "left") === null) continue;
    const [a, b] = [
      await movedTime(scope, treeOf(tree, "left"), eventTime),
      await movedTime(scope, treeOf(tree, "right"), eventTime),
    ];
    if (a === null || b === null || a.side === b.side) continue;
    // l + x ? r + y: the difference r - l is compared with x - y.
    const isTurned = a.side === "r";
    const bound = isTurned ? b.micros - a.micros : a.micros - b.micros;
    const isLess = type.startsWith("COMPARE_LESSTHAN");
    const isEqual = type === "COMPARE_EQUAL";
    if (!isLess && !isEqual && !type.startsWith("COMPARE_GREATERTHAN")) continue;
    const slack = type.endsWith("OREQUALTO") ? slackMicros : 0n;
    if (isEqual || isLess !== isTurned) atLeast(bound - slack);
    if (isEqual || isLess === isTurned) atMost(bound + slack);
  }
  return minMicros === null && maxMicros === null ? null : { minMicros, maxMicros };
}

/** Spark keeps a row a millisecond longer where a bound is inclusive; whoever compares batches sees it. */
const slackMicros = 1000n;

async function movedTime(
  scope: StreamScope,
  tree: Tree,
  eventTime: { readonly left: string | null; readonly right: string | null },
): Promise<Moved | null> {
  if (textOf(tree, "class") === "COLUMN_REF") {
    const [side = "", name = ""] = textsOf(tree, "column_names");
    const isTime = (side === "l" && name === eventTime.left) || (side === "r" && name === eventTime.right);
    return isTime ? { side: side === "l" ? "l" : "r", micros: 0n } : null;
  }
  const operator = textOf(tree, "function_name");
  const [a, b] = treesOf(tree, "children");
  if ((operator !== "+" && operator !== "-") || a === undefined || b === undefined) return null;
  const isTurned = operator === "+" && sidesOf(a) === "none";
  const moved = await movedTime(scope, isTurned ? b : a, eventTime);
  const micros = moved === null ? null : await constantMicros(scope, isTurned ? a : b);
  if (moved === null || micros === null) return null;
  return { side: moved.side, micros: moved.micros + (operator === "+" ? micros : -micros) };
}

/** The length of a constant interval, null for anything else. */
async function constantMicros({ connection }: StreamScope, tree: Tree): Promise<bigint | null> {
  if (findTree(tree, (node) => ["COLUMN_REF", "SUBQUERY"].includes(textOf(node, "class"))) !== null) return null;
  const [text = ""] = await printExpressions(connection, [tree]);
  const sql = `SELECT epoch_us(TIMESTAMP '1970-01-01' + (${text})) AS micros`;
  try {
    const [row] = await connection.rows(sql);
    return BigInt(String(row?.["micros"]));
  } catch (error) {
    // Not an interval: then it bounds no time.
    if (error instanceof AlluviumError) return null;
    throw error;
  }
}
