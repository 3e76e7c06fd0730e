// stream/operator/incremental-aggregate.ts: grouping with state. A batch is aggregated by itself, joined with the groups that it touches, and
// only those are written back: the cost follows the rows of the batch. streaming.md, "Event time, windows, joins, state operators".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { aggregateParts } from "./aggregate-function.ts";
import type { AggregateParts, PartialValue } from "./aggregate-function.ts";
import { describeColumns } from "./describe-columns.ts";
import { emptyRelation } from "../source/empty-relation.ts";
import { besideInput, compileKeys, sessionEndColumn, withKeys } from "./group-keys.ts";
import type { CompiledKeys } from "./group-keys.ts";
import { keptArguments, keptAsList } from "./kept-arguments.ts";
import type { KeptArguments } from "./kept-arguments.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { OperatorSpec, StateColumn } from "../plan/state-spec.ts";
import type { SoughtRows } from "../state/state-table.ts";
import type { StreamNode } from "../plan/stream-node.ts";

/** A grouped stream, compiled: what a batch is asked for, in SQL. */
export interface AggregatePlan {
  readonly spec: OperatorSpec;
  readonly schema: StructType;
  readonly keys: CompiledKeys;
  readonly values: readonly PartialValue[];
  readonly kept: readonly KeptArguments[];
  /** SELECT of a batch's own groups: keys and partial values. */
  readonly batchGroups: (input: string) => string;
  /** SELECT of a batch's rows with the key columns, as \`withKeys\`. */
  readonly rowsWithKeys: (input: string) => string;
  /** SQL over a row of state: when the watermark closes it, in microseconds; null for never. */
  readonly time: string | null;
  /** SQL per aggregate over a row of state; null for one that is computed from kept arguments. */
  readonly results: readonly (string | null)[];
}

type AggregateNode = Extract<StreamNode, { kind: "aggregate" }>;

/** Name of the table of groups. */
export const groupsTable = "groups";

/**
 * Works out what each aggregate keeps, and of which type.
 * @param id of the operator
 * @param hasWatermark false when no watermark can close groups
 * @throws AlluviumError of DuckDB for arguments that it cannot resolve
 */
export async function planAggregate(
  connection: SqlConnection,
  node: AggregateNode,
  { id, hasWatermark }: { readonly id: number; readonly hasWatermark: boolean },
): Promise<AggregatePlan> {
  const keys = compileKeys(node.keys, node.schema);
  const input = node.input.schema;
  const keyTypes = await plainKeyTypes(connection, node);
  const rowsWithKeys = (from: string): string => withKeys(from, keys, (index) => keyTypes[index] ?? "");
  const parts: (AggregateParts | null)[] = [];
  const kept: KeptArguments[] = [];
  for (const [index, call] of node.aggregates.entries()) {
    const made = aggregateParts(call, index);
    if (made !== null && (await isTyped(connection, input, made))) {
      parts.push(made);
      continue;
    }
    const keeping = await keptArguments(connection, input, { call, index });
    if (keys.session === null) kept.push(keeping);
    parts.push(keys.session === null ? null : keptAsList(keeping));
  }
  const values = parts.flatMap((part) => part?.values ?? []);
  const grouping = [...keys.columns, ...(keys.session === null ? [] : [sessionEndColumn])];
  const batchGroups = (from: string): string => {
    const starts = values.map((value) => `${value.start} AS ${value.name}`);
    const by = grouping.length === 0 ? "" : ` GROUP BY ${grouping.map(besideInput).join(", ")}`;
    const named = grouping.map((column) => `${besideInput(column)} AS ${column}`);
    // An aggregate in any case: without keys there is one group, and it is there before any row is.
    return `SELECT ${[...named, ...starts, "count(*) > 0 AS __any"].join(", ")} FROM (${rowsWithKeys(from)})${by}`;
  };
  const described = (await describeColumns(connection, batchGroups(emptyRelation(input)))).slice(0, -1);
  const columns = [{ name: idColumn, type: "BIGINT" }, ...described];
  const soughtBy = keys.columns.filter((column) => column !== keys.session?.column);
  return {
    spec: {
      id,
      name: keys.session === null ? "stateStoreSave" : "sessionWindowStateStoreSaveExec",
      keys: described
        .slice(0, keys.columns.length)
        .map((column, index) => ({ ...column, name: node.keys[index]?.name ?? column.name })),
      values: node.aggregates.map((call, index) => ({
        name: call.name,
        type: fingerprint(call, { parts: parts[index] ?? null, described, kept }, index),
      })),
      tables: [{ name: groupsTable, columns, soughtBy, isCounted: true }, ...kept.map(({ table }) => table)],
    },
    schema: node.schema,
    keys,
    values,
    kept,
    batchGroups,
    rowsWithKeys,
    time: hasWatermark ? keys.time : null,
    results: parts.map((part) => part?.result ?? null),
  };
}

/** DuckDB's types of the keys that are no windows. */
async function plainKeyTypes(connection: SqlConnection, node: AggregateNode): Promise<readonly string[]> {
  const plain = node.keys.map((key) =>
    key.eventTime === null || key.eventTime.kind === "column" ? `(${key.sql})` : "NULL",
  );
  if (plain.length === 0) return [];
  const columns = plain.map((sql, index) => `${sql} AS __k${index}`);
  return (
    await describeColumns(connection, `SELECT ${columns.join(", ")} FROM (${emptyRelation(node.input.schema)})`)
  ).map(({ type }) => type);
}

/** Sums of times and the like add up for numbers only. */
async function isTyped(
  connection: SqlConnection,
  input: StructType,
  { values, result }: AggregateParts,
): Promise<boolean> {
  const starts = values.map(({ name, start }) => `${start} AS ${name}`).join(", ");
  const merges = values.map(({ name, merge }) => `${merge} AS ${name}`).join(", ");
  try {
    await describeColumns(
      connection,
      `SELECT ${result} FROM (SELECT ${merges} FROM (SELECT 0 AS __ord, ${starts} FROM (${emptyRelation(input)})))`,
    );
    return true;
  } catch {
    return false;
  }
}

interface Kept {
  readonly parts: AggregateParts | null;
  readonly described: readonly StateColumn[];
  readonly kept: readonly KeptArguments[];
}

/** What must not change of an aggregate: which it is, and of what types its state is. */
function fingerprint(
  call: AggregateNode["aggregates"][number],
  { parts, described, kept }: Kept,
  index: number,
): string {
  const columns =
    parts === null
      ? (kept.find((one) => one.index === index)?.table.columns ?? [])
      : described.filter(({ name }) => parts.values.some((value) => value.name === name));
  return `${call.function}(${call.isDistinct ? "distinct " : ""}${columns.map(({ type }) => type).join(", ")})`;
}

/**
 * SELECT of the changes that a batch makes to the groups: each group of the batch, put together with what was known of it.
 * @param batch a relation of the batch's groups
 * @param live the groups in the state that they may be
 * @param nextId lowest id that is free
 */
export function groupChanges(
  plan: AggregatePlan,
  { batch, live, nextId }: { batch: string; live: SoughtRows; nextId: bigint },
): string {
  const { columns } = plan.keys;
  const names = [...columns, ...plan.values.map(({ name }) => name)];
  const only = live.isExact ? "" : ` SEMI JOIN ${batch} AS batch ON ${live.on("live", "batch")}`;
  const touched = `SELECT ${[...names, idColumn, "0 AS __ord"].join(", ")} FROM ${live.from} AS live${only}`;
  const both = `SELECT ${[...names, `NULL::BIGINT AS ${idColumn}`, "1 AS __ord"].join(", ")} FROM ${batch} UNION ALL ${touched}`;
  const by = columns.length === 0 ? "" : ` GROUP BY ${columns.join(", ")}`;
  const merged = `SELECT ${[...columns, ...mergedValues(plan), `max(${idColumn}) AS __old`].join(", ")} FROM (${both})${by}`;
  const change = `CASE WHEN __old IS NULL THEN ${changeKinds.insert} ELSE ${changeKinds.replace} END AS ${changeColumn}`;
  const id = `coalesce(__old, ${nextId} + row_number() OVER () - 1) AS ${idColumn}`;
  // Groups that lie near each other are asked for together more often than not, such as those of one time: DuckDB leaves out the rest.
  const order = columns.length === 0 ? "" : ` ORDER BY ${columns.join(", ")}`;
  return `SELECT ${[change, id, ...names].join(", ")} FROM (${merged}${order})`;
}

/** Partial values, merged, in the types of the state. */
export function mergedValues({ values, spec }: AggregatePlan): readonly string[] {
  const types = new Map(spec.tables[0]?.columns.map(({ name, type }) => [name, type]));
  return values.map(({ name, merge }) => `CAST(${merge} AS ${types.get(name)}) AS ${name}`);
}

/**
 * SELECT of the results of groups, typed as the schema says.
 * @param groups a relation with the columns of the state's groups
 * @param argumentsOf the table of what an aggregate has kept
 */
export function groupResults(
  plan: AggregatePlan,
  groups: string,
  argumentsOf: (kept: KeptArguments) => string,
): string {
  const keyCount = plan.keys.keys.length;
  const outputs = [
    ...plan.keys.keys.map(({ output }) => output),
    ...plan.results.map((result, index) => result ?? `kept_${index}.__r`),
  ];
  const list = outputs.map((sql, index) => {
    const field = plan.schema.fields[index];
    const isKey = index < keyCount;
    const own = isKey && plan.keys.keys[index]?.key.eventTime?.kind === "window";
    return field === undefined || own
      ? `${sql} AS ${sqlIdentifier(field?.name ?? `c${index}`)}`
      : `CAST(${sql} AS ${duckdbType(field.type)}) AS ${sqlIdentifier(field.name)}`;
  });
  const joins = plan.kept.map((kept) => {
    const present = `SELECT ${kept.result("__alluvium_present")} AS __r, wanted.${idColumn} FROM (SELECT ${idColumn} FROM ${groups}) AS wanted LEFT JOIN (SELECT *, true AS __alluvium_present FROM ${argumentsOf(kept)}) AS arguments ON wanted.${idColumn} = arguments.${idColumn} GROUP BY wanted.${idColumn}`;
    return ` LEFT JOIN (${present}) AS kept_${kept.index} ON kept_${kept.index}.${idColumn} = grouped.${idColumn}`;
  });
  return `SELECT ${list.join(", ")} FROM ${groups} AS grouped${joins.join("")}`;
}

/** Whether groups are closed by the watermark in a mode. */
export function closesGroups(plan: AggregatePlan, mode: OutputMode): boolean {
  return plan.time !== null && mode !== "complete";
}
