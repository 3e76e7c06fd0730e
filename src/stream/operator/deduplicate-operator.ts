// stream/operator/deduplicate-operator.ts: the first row of each key; the keys that were seen are the state. streaming.md, "Deduplication".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { describeColumns } from "./describe-columns.ts";
import { emptyRelation } from "../source/empty-relation.ts";
import { besideInput } from "./group-keys.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { OperatorSpec } from "../plan/state-spec.ts";
import type { StreamNode } from "../plan/stream-node.ts";
import {
  columnType,
  countOf,
  eventMicros,
  figuresOf,
  normalisedKey,
  timed,
  watermarksAfter,
} from "./stream-operator.ts";
import type { OperatorBatch, StatefulOperator, StreamOperator } from "./stream-operator.ts";

type DeduplicateNode = Extract<StreamNode, { kind: "deduplicate" }>;

/** What is compiled of it. */
interface Deduplication {
  readonly node: DeduplicateNode;
  readonly spec: OperatorSpec;
  /** Names of the key columns of the state. */
  readonly keys: readonly string[];
  /** Names of the same beside the input's own columns. */
  readonly rowKeys: readonly string[];
  /** SQL over the input for each key. */
  readonly keySql: readonly string[];
  /** SQL over the input: event time in microseconds, null without a watermark. */
  readonly time: string | null;
  /** SQL over the input: until when a key is remembered, in microseconds, null for ever. */
  readonly expiry: string | null;
}

/** What a deduplication needs to know of the query around it. */
export interface DeduplicationContext {
  readonly connection: SqlConnection;
  readonly id: number;
  /** Delay of the watermark of its event time. */
  readonly delayMs: number;
}

const seenTable = "seen";
const timeColumn: string = besideInput("__time");
const expiryColumn: string = besideInput("__expiry");

/** Compiles a deduplication with state; see `distinctRows` for one that needs none. */
export async function deduplicateOperator(
  node: DeduplicateNode,
  input: StreamOperator,
  { connection, id, delayMs }: DeduplicationContext,
): Promise<StatefulOperator> {
  const columns = comparedColumns(node);
  const described = await describeColumns(
    connection,
    `SELECT ${columns.map(sqlIdentifier).join(", ")} FROM (${emptyRelation(node.schema)})`,
  );
  const keySql = described.map(({ type }, index) => normalisedKey(sqlIdentifier(columns[index] ?? ""), type));
  const keys = columns.map((_, index) => `__k${index}`);
  const { eventTime, withinWatermark } = node;
  const time = eventTime === null ? null : eventMicros(sqlIdentifier(eventTime), columnType(node.schema, eventTime));
  const isTimed = eventTime !== null && columns.includes(eventTime);
  const expiry =
    time === null ? null : withinWatermark ? `${time} + ${BigInt(delayMs) * 1000n}` : isTimed ? time : null;
  const keyColumns = described.map(({ type }, index) => ({ name: keys[index] ?? "", type }));
  const spec: OperatorSpec = {
    id,
    name: withinWatermark ? "dedupeWithinWatermark" : "dedupe",
    keys: described,
    values: [],
    tables: [
      {
        name: seenTable,
        columns: [{ name: idColumn, type: "BIGINT" }, ...keyColumns, { name: "__t", type: "BIGINT" }],
        soughtBy: keys,
        isCounted: true,
      },
    ],
  };
  const deduplication: Deduplication = { node, spec, keys, rowKeys: keys.map(besideInput), keySql, time, expiry };
  return {
    spec,
    schema: node.schema,
    heedsWatermark: true,
    outputWatermark: (micros) => input.outputWatermark(micros),
    evaluate: async (batch) => firstRows(deduplication, input, batch),
  };
}

/** SELECT of one row for each key of a relation by itself: what is asked of a whole result, in complete mode. */
export function distinctRows(node: DeduplicateNode, from: string): string {
  const columns = comparedColumns(node).map(sqlIdentifier).join(", ");
  return `SELECT DISTINCT ON (${columns}) * FROM (${from})`;
}

function comparedColumns({ columns, schema }: DeduplicateNode): readonly string[] {
  return columns.length > 0 ? columns : schema.fields.map((field) => field.name);
}

async function firstRows(deduplication: Deduplication, input: StreamOperator, batch: OperatorBatch): Promise<string> {
  const { node, spec, rowKeys, time } = deduplication;
  const watermarks = watermarksAfter([input], batch.watermarks);
  const rows = await batch.state.scratch(keyedRows(deduplication, await input.evaluate(batch)));
  const isLate = time === null ? "false" : `(${timeColumn} <= ${watermarks.lateMicros}) IS TRUE`;
  figuresOf(batch, spec.id).droppedRowCount +=
    time === null ? 0 : await countOf(batch.state.connection, `SELECT count(*) FROM ${rows} WHERE ${isLate}`);
  const seen = await batch.state.live(spec.id, seenTable).seek(rows, rowKeys);
  // A row without a time cannot be forgotten in time: it passes, and is not remembered.
  const passes = node.withinWatermark ? `${timeColumn} IS NULL` : "false";
  const firsts = `SELECT DISTINCT ON (${rowKeys.join(", ")}) * FROM ${rows} WHERE NOT (${isLate}) AND NOT (${passes})${node.withinWatermark ? ` ORDER BY ${timeColumn}` : ""}`;
  const fresh = await batch.state.scratch(
    `SELECT firsts.* FROM (${firsts}) AS firsts ANTI JOIN ${seen.from} AS seen ON ${seen.on("seen", "firsts")}`,
  );
  await timed(batch, spec.id, {
    figure: "updatesMs",
    work: () =>
      batch.state.apply(
        spec.id,
        seenTable,
        `SELECT ${changeKinds.insert} AS ${changeColumn}, ${batch.state.nextId(spec.id, seenTable)} + row_number() OVER () - 1 AS ${idColumn}, ${rowKeys.join(", ")}, ${expiryColumn} FROM ${fresh}`,
      ),
  });
  await timed(batch, spec.id, {
    figure: "removalsMs",
    work: () => forget(deduplication, batch, watermarks.closeMicros),
  });
  const columns = node.schema.fields.map((field) => sqlIdentifier(field.name)).join(", ");
  const passed = node.withinWatermark ? ` UNION ALL SELECT ${columns} FROM ${rows} WHERE ${passes}` : "";
  return `SELECT ${columns} FROM ${fresh}${passed}`;
}

function keyedRows({ rowKeys, keySql, time, expiry }: Deduplication, input: string): string {
  const columns = keySql.map((sql, index) => `${sql} AS ${rowKeys[index] ?? ""}`);
  return `SELECT ${["*", ...columns, `CAST(${time ?? "NULL"} AS BIGINT) AS ${timeColumn}`, `CAST(${expiry ?? "NULL"} AS BIGINT) AS ${expiryColumn}`].join(", ")} FROM (${input})`;
}

async function forget({ spec, expiry }: Deduplication, batch: OperatorBatch, closeMicros: bigint): Promise<void> {
  if (expiry === null) return;
  const seen = await batch.state.table(spec.id, seenTable);
  await batch.state.apply(
    spec.id,
    seenTable,
    `SELECT ${changeKinds.remove} AS ${changeColumn}, * FROM ${seen} WHERE __t <= ${closeMicros}`,
  );
}
