// Builders of streaming queries over events.
import type { DataType, StructField, StructType } from "../../src/format/schema/schema.ts";
import type { AggregateCall, GroupKey, StreamNode } from "../../src/stream/plan/stream-node.ts";

const primitive = (name: "long" | "string" | "timestamp" | "double" | "integer"): DataType => ({
  kind: "primitive",
  name,
});

/** A nullable column. */
export const field = (
  name: string,
  type: DataType | "long" | "string" | "timestamp" | "double" | "integer",
): StructField => ({
  name,
  type: typeof type === "string" ? primitive(type) : type,
  nullable: true,
  metadata: {},
});

/** Columns. */
export const struct = (...fields: readonly StructField[]): StructType => ({ kind: "struct", fields });

/** `k` string, `v` long, `ts` timestamp. */
export const eventSchema: StructType = struct(field("k", "string"), field("v", "long"), field("ts", "timestamp"));

/** The events of a source. */
export const source = (index: number = 0, schema: StructType = eventSchema): StreamNode => ({
  kind: "source",
  index,
  schema,
});

/** With a watermark on `ts`. */
export const withWatermark = (input: StreamNode, delaySeconds: number, column: string = "ts"): StreamNode => ({
  kind: "watermark",
  input,
  column,
  delayMs: delaySeconds * 1000,
  schema: input.schema,
});

/** A plain key. */
export const keyOf = (name: string, sql: string = name): GroupKey => ({ name, sql, eventTime: null });

/** Struct of start and end. */
export const windowType: DataType = struct(field("start", "timestamp"), field("end", "timestamp"));

/** A window of `ts`; seconds. */
export function windowKey(
  length: number,
  { slide = length, start = 0, column = "ts" }: { slide?: number; start?: number; column?: string } = {},
): GroupKey {
  const micros = (seconds: number): bigint => BigInt(seconds) * 1_000_000n;
  return {
    name: "window",
    sql: column,
    eventTime: {
      kind: "window",
      column,
      lengthMicros: micros(length),
      slideMicros: micros(slide),
      startMicros: micros(start),
      isEventTime: true,
    },
  };
}

/** A session of `ts`; seconds. */
export function sessionKey(gap: number): GroupKey {
  const micros = BigInt(gap) * 1_000_000n;
  return {
    name: "window",
    sql: "ts",
    eventTime: {
      kind: "session",
      column: "ts",
      lengthMicros: micros,
      slideMicros: micros,
      startMicros: 0n,
      isEventTime: true,
    },
  };
}

/** A call: function and arguments. */
export const call = (
  name: string,
  [fn = "", ...args]: readonly string[],
  more: Partial<AggregateCall> = {},
): AggregateCall => ({
  name,
  function: fn,
  args,
  isDistinct: false,
  filter: null,
  orderBy: null,
  ...more,
});

/** Grouped; types of the keys and the calls in order. */
export function grouped(
  input: StreamNode,
  keys: readonly {
    readonly key: GroupKey;
    readonly type: DataType | "long" | "string" | "timestamp" | "double" | "integer";
  }[],
  calls: readonly {
    readonly call: AggregateCall;
    readonly type: DataType | "long" | "string" | "timestamp" | "double" | "integer";
  }[],
): StreamNode {
  return {
    kind: "aggregate",
    input,
    keys: keys.map(({ key }) => key),
    aggregates: calls.map((one) => one.call),
    schema: struct(
      ...keys.map(({ key, type }) => field(key.name, type)),
      ...calls.map((one) => field(one.call.name, one.type)),
    ),
  };
}
