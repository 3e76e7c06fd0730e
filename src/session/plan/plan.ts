// session/plan/plan.ts: what a DataFrame stands for: a source and the steps upon it, as plain data.
import type { RecordBatch } from "apache-arrow";
import type { StructType } from "../../format/schema/schema.ts";
import type { StateQuestion } from "../../stream/state/read-state.ts";
import type { ChangeOptions } from "../../table/whole/change-feed.ts";
import type { InputPortion } from "../../table/input/table-input.ts";
import type { CatalogEntry } from "./catalog-entry.ts";
import type { DropWhen, FillValue } from "./null-functions.ts";

/** A JavaScript step over Arrow batches: one batch in, any number out. It must not keep or change the batch it got. */
export type MapBatchesFunction = (
  batch: RecordBatch,
) => RecordBatch | Iterable<RecordBatch> | AsyncIterable<RecordBatch> | Promise<RecordBatch | Iterable<RecordBatch>>;

/** A table as it is when the frame runs, or at an old version. */
export interface TableSource {
  readonly kind: "table";
  readonly tablePath: string;
  readonly version?: number | undefined;
  readonly timestamp?: string | Date | undefined;
  /** With the hidden column `_metadata`. */
  readonly hasMetadata?: boolean;
}

/** A table as a stream. */
export interface StreamSource {
  readonly kind: "stream";
  readonly tablePath: string;
  readonly options: ReadonlyMap<string, string>;
}

/** The changes of a table, commit by commit: its columns, `_change_type`, `_commit_version`, `_commit_timestamp`. */
export interface ChangesSource {
  readonly kind: "changes";
  readonly tablePath: string;
  readonly range: ChangeOptions;
}

/** The changes of a table as a plan. */
export function changesPlan(tablePath: string, range: ChangeOptions): Plan {
  return { source: { kind: "changes", tablePath, range }, steps: [] };
}

/** A query in Spark's SQL; `tables` says what its names stand for, by `tableKey`. */
export interface QuerySource {
  readonly kind: "query";
  readonly text: string;
  readonly tables: ReadonlyMap<string, Plan>;
  /** Its columns are taken by position. */
  readonly namesMayRepeat?: boolean;
  /** For a query that selects all of a join: what follows may speak of its sides by their names. */
  readonly join?: JoinText;
}

/** What `SELECT *` stands before, in Spark's SQL. */
export interface JoinText {
  readonly from: string;
  readonly where: readonly string[];
}

/** Where rows come from. Paths are absolute. */
export type PlanSource =
  | TableSource
  | StreamSource
  | ChangesSource
  /** Rows that are there already, such as those of a micro-batch: a DuckDB SELECT and its columns. */
  | { readonly kind: "relation"; readonly sql: string; readonly schema: StructType; readonly nowMs: number }
  /** Rows of the program. */
  | { readonly kind: "rows"; readonly rows: readonly InputPortion[]; readonly schema: StructType | null }
  | QuerySource
  /** A view that the warehouse keeps; what it reads is looked up when it is read. */
  | { readonly kind: "view"; readonly entry: Extract<CatalogEntry, { kind: "view" }> }
  /** The state of a streaming query, or what there is of it. */
  | { readonly kind: "state"; readonly question: StateQuestion; readonly isMetadata: boolean }
  /** Event time and how late it may be; for batch frames it means nothing. */
  | { readonly kind: "watermark"; readonly input: Plan; readonly column: string; readonly delayMs: number }
  /** One row of those that agree in `columns` (all when empty). */
  | {
      readonly kind: "deduplicate";
      readonly input: Plan;
      readonly columns: readonly string[];
      readonly withinWatermark: boolean;
    };

/** One step; expressions are Spark SQL text. */
export type PlanStep =
  /** `hides` is a column that `*` does not show. */
  | { readonly kind: "select"; readonly expressions: readonly string[]; readonly hides?: string }
  | { readonly kind: "where"; readonly condition: string }
  /** Each expression sees the columns as they are before the step. */
  | { readonly kind: "withColumns"; readonly columns: readonly NamedExpression[] }
  | { readonly kind: "drop"; readonly names: readonly string[] }
  | { readonly kind: "rename"; readonly from: string; readonly to: string }
  | { readonly kind: "renameAll"; readonly names: readonly string[] }
  | {
      readonly kind: "fillNulls";
      /** For the columns, or a value for each. */
      readonly value: FillValue | ReadonlyMap<string, FillValue>;
      /** All whose type takes the value when null. */
      readonly columns: readonly string[] | null;
    }
  | { readonly kind: "dropNulls"; readonly when: DropWhen; readonly columns: readonly string[] | null }
  | { readonly kind: "limit"; readonly count: number }
  | { readonly kind: "mapBatches"; readonly function: MapBatchesFunction; readonly schema: StructType | undefined };

/** A column and its value in Spark SQL. */
export interface NamedExpression {
  readonly name: string;
  readonly expression: string;
}

/** A source and its steps, in order. */
export interface Plan {
  readonly source: PlanSource;
  readonly steps: readonly PlanStep[];
}

/** The same rows, of which the columns of a query may have one name: they are read by their places. */
export function byPosition(plan: Plan): Plan {
  if (plan.source.kind !== "query" || plan.steps.length > 0) return plan;
  return { ...plan, source: { ...plan.source, namesMayRepeat: true } };
}

/** The plans that a source is made of. */
export function inputsOf(source: PlanSource): readonly Plan[] {
  switch (source.kind) {
    case "query":
      return [...source.tables.values()];
    case "watermark":
    case "deduplicate":
      return [source.input];
    case "table":
    case "stream":
    case "changes":
    case "relation":
    case "rows":
    case "view":
    case "state":
      return [];
  }
}

/** True when a stream is among the sources. */
export function isStreamingPlan({ source }: Plan): boolean {
  return source.kind === "stream" || inputsOf(source).some(isStreamingPlan);
}

/** True when JavaScript is among the steps. */
export function hasMapStep({ source, steps }: Plan): boolean {
  return steps.some((step) => step.kind === "mapBatches") || inputsOf(source).some(hasMapStep);
}
