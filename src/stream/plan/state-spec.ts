// stream/plan/state-spec.ts: what a stateful operator says of its state before it has any: pure descriptions.

/** One column, its type as DuckDB prints it. */
export interface StateColumn {
  readonly name: string;
  readonly type: string;
}

/** One table of an operator's state. Its first column is `__id` (BIGINT), by which rows are replaced and deleted. */
export interface StateTableSpec {
  readonly name: string;
  readonly columns: readonly StateColumn[];
  /** SQL over a row of what an operator seeks it by: columns of keys, or `__id` alone; nothing where it looks at all rows. */
  readonly soughtBy: readonly string[];
  /** What `soughtBy` calls the row; absent where it names columns alone. */
  readonly alias?: string;
  /** False for a table that only serves another: its rows are no rows of state in progress reports. */
  readonly isCounted: boolean;
}

/** A stateful operator. What a restart must not change are the types of its keys and its values, in order; names may. */
export interface OperatorSpec {
  /** Place among the stateful operators of the query, inputs before what reads them, from 0. */
  readonly id: number;
  /** Spark's name, e.g. `stateStoreSave`. */
  readonly name: string;
  readonly keys: readonly StateColumn[];
  /** For aggregates `type` also names the function. */
  readonly values: readonly StateColumn[];
  readonly tables: readonly StateTableSpec[];
}

/** Name of the column that identifies a row of a state table. */
export const idColumn = "__id";

/** Name of the column that a live table has beside those of its spec: a hash of the keys that rows are sought by. */
export const hashColumn = "__alluvium_hash";

/** Name of the column that says what becomes of a row: see `ChangeKind`. */
export const changeColumn = "__op";

/** 0: rows of this `__id` go; 1: a row comes; 2: rows of this `__id` go and this one comes. Within a version a 0 wins. */
export const changeKinds = { remove: 0, insert: 1, replace: 2 } as const;
