// stream/operator/group-keys.ts: the keys of a grouped stream as columns of state: plain expressions, the event-time column, windows of it.
// streaming.md, "Windows".
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError, assert } from "../../format/text/error.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import type { GroupKey, WindowKey } from "../plan/stream-node.ts";
import { eventMicros, normalisedKey } from "./stream-operator.ts";

/** One key, compiled. */
export interface CompiledKey {
  readonly key: GroupKey;
  /** Column of the state: the value, or the start of the window in microseconds. */
  readonly column: string;
  /** SQL over a row of state. */
  readonly output: string;
}

/** All keys of an aggregate. */
export interface CompiledKeys {
  readonly keys: readonly CompiledKey[];
  readonly columns: readonly string[];
  /** SQL over a row of state: the time, in microseconds, at or below which the watermark closes the group; null when it never does. */
  readonly time: string | null;
  /** The key that is a session window, if one is. */
  readonly session: { readonly column: string; readonly window: WindowKey } | null;
}

/** Column of the state that holds the end of a session, in microseconds. */
export const sessionEndColumn = "__e";

/**
 * Names the columns and says how they are read.
 * @param schema of the aggregate: keys first
 * @param types of the keys' own expressions, DuckDB's names, by index; windows need none
 */
export function compileKeys(keys: readonly GroupKey[], schema: StructType): CompiledKeys {
  const compiled = keys.map((key, index): CompiledKey => {
    const column = `__k${index}`;
    const type = schema.fields[index]?.type;
    assert(type !== undefined, "an aggregate's schema begins with its keys");
    const { eventTime } = key;
    const isWindow = eventTime !== null && eventTime.kind !== "column";
    return { key, column, output: isWindow ? windowOutput(column, eventTime, type) : column };
  });
  const timed = compiled.find(
    ({ key }) => key.eventTime !== null && (key.eventTime.kind === "column" || key.eventTime.isEventTime),
  );
  const sessions = compiled.filter(({ key }) => key.eventTime?.kind === "session");
  if (sessions.length > 1)
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      {},
      "a query can group by one session_window only; leave the others out",
    );
  const [session] = sessions;
  const window = session?.key.eventTime;
  return {
    keys: compiled,
    columns: compiled.map(({ column }) => column),
    time: timed === undefined ? null : timeOf(timed, schema.fields[compiled.indexOf(timed)]?.type),
    session: session === undefined || window?.kind !== "session" ? null : { column: session.column, window },
  };
}

/** Name of a key beside the input's own columns, which may be called anything, `__k0` included. */
export const besideInput = (column: string): string => `__alluvium${column}`;

/**
 * SELECT of the input's columns and the key columns, named as `besideInput` says; a row is there once for each window that it falls in, and not at all when the
 * time of a window is null.
 * @param typeOf DuckDB's type of a plain key, by index
 */
export function withKeys(input: string, { keys }: CompiledKeys, typeOf: (index: number) => string): string {
  const columns: string[] = [];
  const needed: string[] = [];
  for (const [index, { key, column }] of keys.entries()) {
    const { eventTime } = key;
    if (eventTime === null || eventTime.kind === "column")
      columns.push(`${normalisedKey(`(${key.sql})`, typeOf(index))} AS ${besideInput(column)}`);
    else {
      columns.push(`${windowStart(eventTime)} AS ${besideInput(column)}`);
      if (eventTime.kind === "session") columns.push(`${sessionEnd(eventTime)} AS ${besideInput(sessionEndColumn)}`);
      needed.push(`(${eventTime.column}) IS NOT NULL`);
      // As in Spark, a row without a gap, or with one that is not above zero, is in no session.
      if (eventTime.gapSql !== undefined) needed.push(`${sessionEnd(eventTime)} > ${windowStart(eventTime)}`);
    }
  }
  const where = needed.length === 0 ? "" : ` WHERE ${needed.join(" AND ")}`;
  return `SELECT ${["*", ...columns].join(", ")} FROM (${input})${where}`;
}

function sessionEnd({ column, lengthMicros, gapSql }: WindowKey): string {
  return gapSql === undefined
    ? `epoch_us(${column}) + ${lengthMicros}`
    : `epoch_us(${column} + CAST(${gapSql} AS INTERVAL))`;
}

function windowStart({ kind, column, lengthMicros, slideMicros, startMicros }: WindowKey): string {
  const time = `epoch_us(${column})`;
  if (kind === "session") return time;
  // Brackets around what may be negative: the remainder has the sign of what is divided.
  const past = `(((${time} - (${startMicros})) % ${slideMicros} + ${slideMicros}) % ${slideMicros})`;
  const last = `(${time} - ${past})`;
  if (lengthMicros <= slideMicros) return last;
  return `unnest(range(${last}, ${time} - ${lengthMicros}, -${slideMicros}))`;
}

function timeOf({ key, column }: CompiledKey, type: DataType | undefined): string {
  assert(type !== undefined, "an aggregate's schema begins with its keys");
  if (key.eventTime?.kind === "session") return sessionEndColumn;
  if (key.eventTime?.kind === "window") return `${column} + ${key.eventTime.lengthMicros}`;
  return eventMicros(column, type);
}

function windowOutput(column: string, window: WindowKey, type: DataType): string {
  assert(type.kind === "struct", "a window is a struct of start and end");
  const end = window.kind === "session" ? sessionEndColumn : `${column} + ${window.lengthMicros}`;
  const parts = [column, end].map((micros, index) => {
    const field = type.fields[index];
    assert(field !== undefined, "a window is a struct of start and end");
    const isLocal = field.type.kind === "primitive" && field.type.name === "timestamp_ntz";
    return `${sqlIdentifier(field.name)} := ${isLocal ? "make_timestamp" : "make_timestamptz"}(${micros})`;
  });
  return `struct_pack(${parts.join(", ")})`;
}
