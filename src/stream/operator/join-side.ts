// stream/operator/join-side.ts: one of two streams that are joined: which of its rows are kept, for how long, and by what they are found.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { describeColumns } from "./describe-columns.ts";
import { emptyRelation } from "../source/empty-relation.ts";
import { idColumn } from "../plan/state-spec.ts";
import type { StateColumn, StateTableSpec } from "../plan/state-spec.ts";
import type { StreamNode } from "../plan/stream-node.ts";
import { columnType, eventMicros } from "./stream-operator.ts";
import type { StreamOperator } from "./stream-operator.ts";

/** Two streams joined. */
export type JoinNode = Extract<StreamNode, { kind: "join" }>;

/** Which of the two streams. */
type SideName = "left" | "right";

/** One side, compiled. */
export interface Side {
  readonly name: SideName;
  /** Alias in the condition. */
  readonly alias: "l" | "r";
  readonly operator: StreamOperator;
  readonly schema: StructType;
  /** SQL over the input: event time in microseconds, null without a watermark. */
  readonly time: string | null;
  /** A row is kept until the watermark is this much above its time, in microseconds; null for ever. */
  readonly keptForMicros: bigint | null;
  /** A row without a match comes out, with nulls for the other side. */
  readonly isOuter: boolean;
  /** A row is done with once it has a match. */
  readonly isDone: boolean;
}

/** Works out what a join asks of one of its streams. */
export function compileSide(node: JoinNode, operator: StreamOperator, name: SideName): Side {
  const { schema } = operator;
  const column = node.eventTime[name];
  const other = node.eventTime[name === "left" ? "right" : "left"];
  const bound = name === "left" ? node.timeRange?.maxMicros : node.timeRange?.minMicros;
  // right - left <= max: nothing above the watermark matches a left row that is max below it; and the other way round.
  const keptForMicros =
    column === null || other === null || bound === null || bound === undefined
      ? null
      : name === "left"
        ? bound
        : -bound;
  return {
    name,
    alias: name === "left" ? "l" : "r",
    operator,
    schema,
    time: column === null ? null : eventMicros(sqlIdentifier(column), columnType(schema, column)),
    keptForMicros,
    isOuter: node.type === "full" || node.type === name,
    isDone: node.type === "semi" && name === "left",
  };
}

/** The keys of a side as columns. */
export async function keyTypes(
  connection: SqlConnection,
  { keys }: JoinNode,
  { name, alias, schema }: Side,
): Promise<readonly StateColumn[]> {
  if (keys.length === 0) return [];
  const columns = keys.map((key, index) => `${key[name]} AS k${index}`).join(", ");
  return describeColumns(connection, `SELECT ${columns} FROM (${emptyRelation(schema)}) AS ${alias}`);
}

/** The state of a side: its rows as they are, with their time and whether they have had a match. @param soughtBy its keys, where they find rows */
export async function describeSide(
  connection: SqlConnection,
  { name, alias, schema }: Side,
  soughtBy: readonly string[],
): Promise<StateTableSpec> {
  const described = await describeColumns(connection, emptyRelation(schema));
  const columns = [
    { name: idColumn, type: "BIGINT" },
    ...described,
    { name: "__t", type: "BIGINT" },
    { name: "__matched", type: "BOOLEAN" },
  ];
  return { name, columns, soughtBy, alias, isCounted: true };
}
