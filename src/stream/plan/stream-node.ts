// stream/plan/stream-node.ts: a streaming query as a tree of operators. What makes it (a DataFrame, SQL) and what runs it meet here.
import type { StructType } from "../../format/schema/schema.ts";

/** DuckDB SQL over one relation; `nowMs` is what current_timestamp() means in the batch. */
export type RelationSql = (from: string, nowMs: number) => string;

/** One aggregate of a grouped stream. */
export interface AggregateCall {
  /** Name of the column it gives. */
  readonly name: string;
  /** DuckDB's name, lower case: `count`, `count_star`, `sum`, `avg`, `min`, `max`, `stddev_samp`, `bool_and`, `list`, … */
  readonly function: string;
  /** DuckDB SQL of the arguments, over the columns of the input. */
  readonly args: readonly string[];
  readonly isDistinct: boolean;
  /** DuckDB SQL of FILTER (WHERE …). */
  readonly filter: string | null;
  /** DuckDB SQL of ORDER BY inside the call. */
  readonly orderBy: string | null;
}

/** One key of a grouped stream. */
export interface GroupKey {
  readonly name: string;
  /** DuckDB SQL over the columns of the input; for a window key the timestamp, which the operator turns into the window. */
  readonly sql: string;
  /** The key is a window of the event-time column, or the event-time column itself: it lets the watermark close groups. */
  readonly eventTime: null | { readonly kind: "column" } | WindowKey;
}

/** A window of event time. Durations in microseconds. */
export interface WindowKey {
  readonly kind: "window" | "session";
  /** DuckDB SQL of the timestamp. */
  readonly column: string;
  readonly lengthMicros: bigint;
  /** DuckDB SQL of a session's gap row by row, an interval or the text of one; in place of `lengthMicros`. */
  readonly gapSql?: string;
  readonly slideMicros: bigint;
  readonly startMicros: bigint;
  /** True when `column` is the watermarked one: the watermark closes the window. */
  readonly isEventTime: boolean;
}

/** How two streams are joined. `full` matches no null keys, as SQL says. */
export type StreamJoinType = "inner" | "left" | "right" | "full" | "semi";

/** Bounds of (right event time - left event time) in microseconds, inclusive; null: unbounded on that end. */
export interface TimeRange {
  readonly minMicros: bigint | null;
  readonly maxMicros: bigint | null;
}

/** Operators; every node knows its columns. */
export type StreamNode =
  | { readonly kind: "source"; readonly index: number; readonly schema: StructType }
  /** Row by row: projection, filter, unnest, join with static relations inside `sql`. */
  | { readonly kind: "rows"; readonly input: StreamNode; readonly sql: RelationSql; readonly schema: StructType }
  | {
      readonly kind: "watermark";
      readonly input: StreamNode;
      readonly column: string;
      readonly delayMs: number;
      readonly schema: StructType;
    }
  | {
      readonly kind: "aggregate";
      readonly input: StreamNode;
      readonly keys: readonly GroupKey[];
      readonly aggregates: readonly AggregateCall[];
      /** Keys, then aggregates. */
      readonly schema: StructType;
    }
  | {
      readonly kind: "deduplicate";
      readonly input: StreamNode;
      /** Columns that make a row the same; all when empty. */
      readonly columns: readonly string[];
      readonly withinWatermark: boolean;
      /** The event-time column of the input, null without a watermark; state is evicted by it when it is one of `columns`. */
      readonly eventTime: string | null;
      readonly schema: StructType;
    }
  | {
      readonly kind: "join";
      readonly left: StreamNode;
      readonly right: StreamNode;
      readonly type: StreamJoinType;
      /** DuckDB SQL over the relations `l` and `r`. */
      readonly condition: string;
      /** Equalities of the condition: DuckDB SQL over `l` and over `r`. */
      readonly keys: readonly { readonly left: string; readonly right: string }[];
      /** Event-time columns of the sides, null where a side has no watermark. */
      readonly eventTime: { readonly left: string | null; readonly right: string | null };
      /** What the condition says of the event times, null when nothing: right - left lies between these, both inclusive. */
      readonly timeRange: TimeRange | null;
      /** Columns of the left, then of the right (semi: of the left only); all names differ. */
      readonly schema: StructType;
    }
  | { readonly kind: "union"; readonly inputs: readonly StreamNode[]; readonly schema: StructType }
  | { readonly kind: "limit"; readonly input: StreamNode; readonly count: number; readonly schema: StructType }
  /** Only at the top of a query in complete mode. */
  | { readonly kind: "sort"; readonly input: StreamNode; readonly sql: RelationSql; readonly schema: StructType };
