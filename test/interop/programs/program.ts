// A streaming program as data: what both engines run, on which inputs, in which output mode.
import type { OutputMode } from "../../../src/index.ts";

/**
 * What comes next, as events "key value seconds": the key, `v`, and the time since 2024-01-01 00:00:00; "-" is null. Each turn is one
 * commit to a stream and is worked off before the next. Both streams get rows at once only where the query starts.
 */
export interface Turn {
  readonly e?: readonly string[];
  readonly f?: readonly string[];
  /** The query is stopped before, and started again after the rows came. */
  readonly restarts?: boolean;
}

/** A method of DataFrame, of one name in both languages, with its arguments. */
export type Step = readonly [method: string, ...args: readonly unknown[]];

/** One query over the streams `e` and `f` (k STRING, v INT, ts TIMESTAMP) and the static table `s` (k STRING, w STRING). */
export interface StreamProgram {
  readonly name: string;
  readonly mode: OutputMode;
  readonly sql: string;
  /** Delay by stream. */
  readonly watermarks?: { readonly e?: string; readonly f?: string };
  readonly steps?: readonly Step[];
  readonly turns: readonly Turn[];
  /** VALUES and their columns in place of the usual rows of `s`, for Spark. */
  readonly staticTable?: string;
  /** Where ours differs, and why it is right to: our outcome, as `outcomeText` puts it. */
  readonly difference?: { readonly why: string; readonly ours: readonly string[] };
}

/** Rows of the static table: a key that comes twice, one without a match, a null. */
export const staticRows: readonly (readonly [string | null, string])[] = [
  ["a", "ant"],
  ["b", "bee"],
  ["b", "bug"],
  ["q", "quail"],
  [null, "none"],
];

/** Rows in time and out of it, late ones, keys and values that are null, a time that is null, a session that is bridged, a restart. */
export const events: readonly Turn[] = [
  { e: ["a 1 1", "a 2 2", "b 3 4", "- 4 3"] },
  { e: ["a 5 16", "b - 12"] },
  { e: ["a 6 3", "c 7 7", "a 1 5.5"] },
  { e: ["b 8 8", "c 9 -", "a 2 20"] },
  { e: ["z 1 40", "a 3 29.999999"] },
  { e: ["a 4 61", "c 2 45"], restarts: true },
  { e: ["a 7 30", "b 1 62"] },
  { e: ["y 1 120"] },
];

/** Two streams: a side alone, matches in one batch and over batches, late rows, null keys, a restart. */
export const pairs: readonly Turn[] = [
  { e: ["a 1 1", "b 2 2", "- 3 3", "c 4 4"], f: ["a 10 2", "a 11 9", "- 12 3"] },
  { f: ["b 20 8", "x 21 9"] },
  { e: ["a 5 20", "d 6 21"] },
  { f: ["d 30 25", "a 31 24"] },
  { e: ["a 7 6", "x 8 40"], f: ["x 40 45", "a 41 60"], restarts: true },
  { e: ["a 9 61"] },
  { f: ["a 50 62", "z 51 100"] },
  { e: ["z 10 95", "y 11 120"] },
  { f: ["y 60 125", "y 61 140"] },
];
