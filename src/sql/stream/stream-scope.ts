// sql/stream/stream-scope.ts: what the compilation of a streaming query knows and shares.
import { describeExactly, describeQuery, ownTypes } from "../../engine/duckdb/duckdb-schema.ts";
import type { SqlConnection } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import type { OutputMode } from "../../stream/plan/output-mode.ts";
import type { RelationSql, StreamNode } from "../../stream/plan/stream-node.ts";
import { pinCurrentTime } from "../tree/current-time.ts";
import { type Tree, findTree, printTrees, textOf } from "../tree/query-tree.ts";
import { fillTables } from "../tree/table-references.ts";

/** A stream on its way through operators; `eventTimes` are its watermarked columns. */
export interface StreamRelation {
  readonly node: StreamNode;
  readonly eventTimes: readonly string[];
}

/** What a placeholder of a query stands for. */
export type StreamInput =
  | ({ readonly kind: "stream" } & StreamRelation)
  /** `relation` is the SELECT of the present batch. */
  | { readonly kind: "static"; readonly schema: StructType; readonly relation: () => string };

/** Shared by all parts of one compilation. */
export interface StreamScope {
  readonly connection: SqlConnection;
  readonly inputs: ReadonlyMap<string, StreamInput>;
  /** DuckDB's aggregate functions, lower case. */
  readonly aggregates: ReadonlySet<string>;
  /** Null where only the columns are asked for. */
  readonly outputMode: OutputMode | null;
}

/** The name that stands for the one stream of a row-by-row query. */
export const streamName = "alluvium_stream";

/** True where a tree reads a stream. */
export function readsStream(scope: StreamScope, tree: Tree): boolean {
  return findTree(tree, (node) => isStream(scope, node)) !== null;
}

/** True for a table that is a stream, or the stream at hand. */
export function isStream({ inputs }: StreamScope, node: Tree): boolean {
  const name = textOf(node, "table_name");
  return node["type"] === "BASE_TABLE" && (name === streamName || inputs.get(name)?.kind === "stream");
}

/** The query over one stream, as text that a batch fills in. */
export function relationSql(scope: StreamScope, template: string): RelationSql {
  return (from, nowMs) =>
    fillTables(pinCurrentTime(template, nowMs), (placeholder) => {
      if (placeholder === streamName) return from;
      const input = scope.inputs.get(placeholder);
      return input?.kind === "static" ? input.relation() : from;
    });
}

/** The columns of a query over a stream with the columns of `schema`. */
export function describeOver(scope: StreamScope, template: string, schema: StructType): Promise<StructType> {
  return describeQuery(scope.connection, overEmpty(scope, template, schema));
}

function overEmpty(scope: StreamScope, template: string, schema: StructType): string {
  return fillTables(template, (placeholder) => {
    const input = scope.inputs.get(placeholder);
    return emptyRelation(input?.kind === "static" ? input.schema : schema);
  });
}

/** A row-by-row operator, or a sort, that runs a query over `input`. */
export async function queryNode(scope: StreamScope, input: StreamNode, tree: Tree): Promise<StreamNode> {
  const [template = ""] = await printTrees(scope.connection, [tree]);
  const described = await describeExactly(scope.connection, overEmpty(scope, template, input.schema));
  return { kind: "rows", input, sql: relationSql(scope, ownTypes(template, described)), schema: described.schema };
}

/** Spark's refusal of an operator on a stream. */
export function unsupported(operator: string, help: string): AlluviumError {
  return new AlluviumError(
    "_LEGACY_ERROR_TEMP_3102",
    { operator },
    `${operator} is not supported on a stream; ${help}`,
  );
}
