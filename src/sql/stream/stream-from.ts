// sql/stream/stream-from.ts: the FROM of a streaming query: one stream, a stream with static tables beside it, or two streams joined.
import { assert } from "../../format/text/error.ts";
import type { StreamNode } from "../../stream/plan/stream-node.ts";
import { type FlatColumn, flatColumns, flatName } from "../tree/flat-columns.ts";
import { joinStreams } from "./stream-join.ts";
import {
  type StreamRelation,
  type StreamScope,
  describeOver,
  isStream,
  queryNode,
  readsStream,
  streamName,
  unsupported,
} from "./stream-scope.ts";
import {
  type Tree,
  columnRef,
  optionalTree,
  printTrees,
  selectOf,
  tableRef,
  textOf,
  textsOf,
  treeOf,
} from "../tree/query-tree.ts";

/** A FROM with one stream in it, named `alluvium_stream`. */
export interface StreamFrom extends StreamRelation {
  readonly tree: Tree;
  /** Columns of joined streams, which are named `alias.column`; null where names are as they were. */
  readonly flat: readonly FlatColumn[] | null;
}

/** Compiles a query inside FROM. */
export type CompileQuery = (tree: Tree) => Promise<StreamRelation>;

interface FromInput {
  readonly scope: StreamScope;
  readonly compile: CompileQuery;
  /** Conditions of WHERE, which an inner join may take for its own. */
  readonly where: Tree | null;
}

/**
 * Compiles a FROM that reads a stream.
 * @throws AlluviumError `_LEGACY_ERROR_TEMP_3102` for a join that a stream cannot do
 */
export async function compileFrom(input: FromInput, from: Tree): Promise<StreamFrom> {
  const { scope, compile } = input;
  if (optionalTree(from, "sample") !== null) throw unsupported("TABLESAMPLE", "filter with WHERE instead");
  if (isStream(scope, from)) {
    const stream = scope.inputs.get(textOf(from, "table_name"));
    assert(stream?.kind === "stream", "a stream has a node");
    const { node, eventTimes } = stream;
    return { node, eventTimes, tree: { ...from, table_name: streamName }, flat: null };
  }
  const type = textOf(from, "type");
  if (type === "SUBQUERY") {
    const { node, eventTimes } = await compile(treeOf(treeOf(from, "subquery"), "node"));
    const tree = tableRef(streamName, textOf(from, "alias"), from["column_name_alias"] ?? []);
    return { node, eventTimes, tree, flat: null };
  }
  if (type !== "JOIN")
    throw unsupported(
      `FROM with ${type.toLowerCase().replaceAll("_", " ")}`,
      "read the stream as a table or a sub-query",
    );
  const [left, right] = [treeOf(from, "left"), treeOf(from, "right")];
  const [isLeft, isRight] = [readsStream(scope, left), readsStream(scope, right)];
  if (isLeft && isRight) return joined(input, from);
  checkStaticJoin(textOf(from, "join_type"), isLeft ? "left" : "right");
  const side = await compileFrom(input, isLeft ? left : right);
  const joint = side.flat === null ? from : overFlat(from, side.flat);
  return { ...side, tree: isLeft ? { ...joint, left: side.tree } : { ...joint, right: side.tree } };
}

/** A join whose condition names columns of joined streams. */
function overFlat(from: Tree, flat: readonly FlatColumn[]): Tree {
  if (textsOf(from, "using_columns").length > 0)
    throw unsupported("USING beside a join of two streams", "write ON a.id = b.id");
  const condition = optionalTree(from, "condition");
  return condition === null ? from : { ...from, condition: flatColumns(condition, flat) };
}

/** streaming.md, section 5: the side that is kept whole must be the stream. */
function checkStaticJoin(type: string, stream: "left" | "right"): void {
  const allowed = stream === "left" ? ["INNER", "LEFT", "SEMI", "ANTI"] : ["INNER", "RIGHT"];
  if (allowed.includes(type)) return;
  const other = stream === "left" ? "a static table on its right" : "a static table on its left";
  throw unsupported(
    `${type === "FULL" ? "FULL OUTER" : type} JOIN of a stream with ${other}`,
    `use ${allowed.join(", ")} JOIN there, so that every row of the result comes from a row of the stream`,
  );
}

async function joined({ scope, compile, where }: FromInput, from: Tree): Promise<StreamFrom> {
  const left = await flatten(scope, await compileFrom({ scope, compile, where }, treeOf(from, "left")));
  const right = await flatten(scope, await compileFrom({ scope, compile, where }, treeOf(from, "right")));
  return joinStreams(scope, from, { left, right, where });
}

/** A side of a join whose columns are named `alias.column`. */
async function flatten(
  scope: StreamScope,
  from: StreamFrom,
): Promise<{
  readonly node: StreamNode;
  readonly columns: readonly FlatColumn[];
  readonly eventTimes: readonly string[];
}> {
  if (from.flat !== null && from.tree["type"] === "BASE_TABLE")
    return { node: from.node, columns: from.flat, eventTimes: from.eventTimes };
  const columns: FlatColumn[] = [];
  const list: Tree[] = [];
  for (const alias of aliasesIn(from.tree)) {
    const star = { ...selectOf([starOf(alias)]), from_table: from.tree };
    const [template = ""] = await printTrees(scope.connection, [star]);
    for (const { name } of (await describeOver(scope, template, from.node.schema)).fields) {
      const known = from.flat !== null && alias === textOf(from.tree, "alias");
      columns.push({ alias, name });
      list.push(columnRef([alias, name], known ? name : flatName({ alias, name })));
    }
  }
  const node = await queryNode(scope, from.node, { ...selectOf(list), from_table: from.tree });
  const eventTimes = columns
    .filter(({ name }) => from.eventTimes.some((time) => time.toLowerCase() === name.toLowerCase()))
    .map(flatName);
  return { node, columns, eventTimes };
}

function aliasesIn(tree: Tree): readonly string[] {
  if (tree["type"] !== "JOIN") return [textOf(tree, "alias")];
  const left = aliasesIn(treeOf(tree, "left"));
  return ["SEMI", "ANTI"].includes(textOf(tree, "join_type")) ? left : [...left, ...aliasesIn(treeOf(tree, "right"))];
}

function starOf(alias: string): Tree {
  return {
    class: "STAR",
    type: "STAR",
    alias: "",
    query_location: 0,
    relation_name: alias,
    exclude_list: [],
    replace_list: [],
    columns: false,
    expr: null,
    qualified_exclude_list: [],
    rename_list: [],
  };
}
