// session/frame/data-frame.ts: rows that are not read yet. Transformations are lazy; whatever touches storage is a promise.
import type { SortKey } from "../../expression/tree/sort-key.ts";
import { type SchemaInput, toSchema } from "../../table/input/schema-input.ts";
import { type ColumnInput, expressionText, selectText } from "../plan/column-text.ts";
import { DataFrameWriter } from "./data-frame-writer.ts";
import { DataStreamWriter } from "./data-stream-writer.ts";
import { checkLimit, checkViewName, samplePercent, watermarkDelayMs } from "../plan/frame-arguments.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { onlyOnStreams } from "../plan/frame-kind.ts";
import { combinedPlan } from "../plan/combined-plan.ts";
import { type JoinOn, type JoinType, joinPlan, queryPlan, sortPlan, wherePlan } from "../plan/frame-query.ts";
import { type AggregateInput, GroupedData } from "./grouped-data.ts";
import { LazyRows } from "./lazy-rows.ts";
import { type LiveOptions, type LiveUpdates, liveUpdates } from "../run/live.ts";
import { NullFunctions } from "../plan/null-functions.ts";
import { type MapBatchesFunction, type Plan, type PlanStep, byPosition } from "../plan/plan.ts";
import { summaryPlan } from "../plan/summary-plan.ts";
import { selectPlan } from "../plan/select-plan.ts";

/** Options of `mapBatches`. */
export interface MapBatchesOptions {
  /** Columns of what the function gives, which go by their names; those it gets when absent. */
  readonly schema?: SchemaInput;
}

/** Rows of a table, or of a stream, with steps upon them. Immutable: every transformation is a new DataFrame. */
export class DataFrame extends LazyRows {
  readonly #alias: string | undefined;

  /** @internal */
  constructor(context: FrameContext, plan: Plan, alias?: string) {
    super(context, plan);
    this.#alias = alias;
  }

  /** Keeps these columns: names (`"author"`, `"address.city"`, `"*"`) or expressions (`col("price").…`, `expr("…")`). */
  select(...columns: readonly ColumnInput[]): DataFrame {
    return this.#over(selectPlan(this.plan, columns.map(selectText)));
  }

  /** Like `select`, with Spark SQL expressions: `"price * 2 AS doubled"`. */
  selectExpr(...expressions: readonly string[]): DataFrame {
    return this.#over(selectPlan(this.plan, expressions));
  }

  /** Keeps the rows for which the condition (Spark SQL text or an expression) is true. */
  where(condition: ColumnInput): DataFrame {
    return this.#over(wherePlan(this.plan, expressionText(condition)));
  }

  /** Same as `where`. */
  filter(condition: ColumnInput): DataFrame {
    return this.where(condition);
  }

  /** Adds a column, or replaces the one of that name (case-insensitive), by a Spark SQL expression. */
  withColumn(name: string, expression: ColumnInput): DataFrame {
    return this.withColumns({ [name]: expression });
  }

  /** Renames a column; a name that is not there changes nothing, as in Spark. */
  withColumnRenamed(from: string, to: string): DataFrame {
    return this.#with({ kind: "rename", from, to });
  }

  /** Renames columns: old names to new ones; those that are not there change nothing, as in Spark. */
  withColumnsRenamed(names: Readonly<Record<string, string>>): DataFrame {
    return Object.entries(names).reduce<DataFrame>((frame, [from, to]) => frame.withColumnRenamed(from, to), this);
  }

  /** New names for all columns, by position. @throws AlluviumError `INVALID_ARGUMENT`, when it runs, for too many or too few */
  toDF(...names: readonly string[]): DataFrame {
    const plan = byPosition(this.plan);
    return this.#over({ ...plan, steps: [...plan.steps, { kind: "renameAll", names }] });
  }

  /** Leaves out columns; names that are not there change nothing, as in Spark. */
  drop(...names: readonly string[]): DataFrame {
    return this.#with({ kind: "drop", names });
  }

  /**
   * Adds or replaces several columns; the expressions see the columns as they were.
   * @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND`, when it runs, for two names that differ in case only
   */
  withColumns(columns: Readonly<Record<string, ColumnInput>>): DataFrame {
    const given = Object.entries(columns).map(([name, column]) => ({ name, expression: expressionText(column) }));
    return this.#with({ kind: "withColumns", columns: given });
  }

  /** Keeps at most `count` rows; which ones is not defined. On a stream: of its whole life. */
  limit(count: number): DataFrame {
    checkLimit(count);
    return this.#with({ kind: "limit", count });
  }

  /** About this share of the rows, each drawn by itself; the same ones for the same seed. @param fraction from 0 to 1 */
  sample(fraction: number, seed?: number): DataFrame {
    const repeatable = seed === undefined ? "" : ` REPEATABLE (${Math.trunc(seed)})`;
    return this.#query(`SELECT * FROM input TABLESAMPLE (${samplePercent(fraction)} PERCENT)${repeatable}`);
  }

  /** What to do about nulls: `df.na.fill(0)`, `df.na.drop()`. */
  get na(): NullFunctions<DataFrame> {
    return new NullFunctions((step) => this.#with(step));
  }

  /** A query in Spark SQL over these rows, which are called `view` in it. */
  sql(query: string, view = "source"): DataFrame {
    return this.#over(queryPlan(query, [{ name: view, plan: this.plan }]));
  }

  /** A name for this frame in the conditions of joins. */
  alias(name: string): DataFrame {
    return new DataFrame(this.context, this.plan, name);
  }

  /** Same as `alias`. */
  as(name: string): DataFrame {
    return this.alias(name);
  }

  /** Each row once. */
  distinct(): DataFrame {
    return this.#query("SELECT DISTINCT * FROM input");
  }

  /** One row of those that agree in these columns, in all columns when none is named; which one is not defined. */
  dropDuplicates(columns: readonly string[] = []): DataFrame {
    return this.#over({
      source: { kind: "deduplicate", input: this.plan, columns, withinWatermark: false },
      steps: [],
    });
  }

  /** As `dropDuplicates`, but on a stream a row is forgotten once the watermark has passed its time and the delay. */
  dropDuplicatesWithinWatermark(columns: readonly string[] = []): DataFrame {
    return this.#over({
      source: { kind: "deduplicate", input: this.plan, columns, withinWatermark: true },
      steps: [],
    });
  }

  /**
   * The column is the time of the events, and rows may be late by `delay` (`"10 minutes"`).
   * @throws AlluviumError `CANNOT_PARSE_INTERVAL`
   */
  withWatermark(column: string, delay: string): DataFrame {
    const delayMs = watermarkDelayMs(delay);
    return this.#over({ source: { kind: "watermark", input: this.plan, column, delayMs }, steps: [] });
  }

  /** Puts rows together by keys: names of columns or expressions, such as `window("ts", "10 minutes")`. */
  groupBy(...keys: readonly ColumnInput[]): GroupedData {
    return new GroupedData({ context: this.context, plan: this.plan, keys });
  }

  /** As `groupBy`, and with it the totals of ever fewer keys, from the right; keys that are summed over are null. */
  rollup(...keys: readonly ColumnInput[]): GroupedData {
    return new GroupedData({ context: this.context, plan: this.plan, keys, sets: "ROLLUP" });
  }

  /** As `groupBy`, and with it the totals of every set of the keys; keys that are summed over are null. */
  cube(...keys: readonly ColumnInput[]): GroupedData {
    return new GroupedData({ context: this.context, plan: this.plan, keys, sets: "CUBE" });
  }

  /** Count, mean, standard deviation, least and greatest value of columns of numbers and texts (all when none is named), as texts. */
  async describe(...columns: readonly string[]): Promise<DataFrame> {
    return this.#summary(columns, ["count", "mean", "stddev", "min", "max"]);
  }

  /** As `describe`, of all such columns, with these statistics (`"count_distinct"`, `"33%"`); else with the quartiles too. */
  async summary(...statistics: readonly string[]): Promise<DataFrame> {
    return this.#summary([], statistics);
  }

  /** Aggregates over all rows: `groupBy().agg(…)`. */
  agg(aggregate: AggregateInput, ...more: readonly ColumnInput[]): DataFrame {
    return this.groupBy().agg(aggregate, ...more);
  }

  /**
   * Joins another frame: `on` names columns that both have (they are there once in the result), or is a condition over the
   * aliases of the frames (`left` and `right` where they have none). `select`, `where` and `groupBy` right behind it, and further joins,
   * may speak of the sides by their aliases: `books.as("b").join(sales.as("s"), expr("b.id = s.book")).select("b.title", "s.n")`.
   * @throws AlluviumError `INVALID_ARGUMENT` for a kind of join that there is not
   */
  join(other: DataFrame, on?: JoinOn, how: JoinType = "inner"): DataFrame {
    const left = { name: this.#alias ?? null, plan: this.plan };
    return this.#over(joinPlan({ left, right: { name: other.#alias ?? "right", plan: other.plan }, on, how }));
  }

  /** Each row with each row of the other frame. */
  crossJoin(other: DataFrame): DataFrame {
    return this.join(other, undefined, "cross");
  }

  /** The rows that both have, each once; columns by position. */
  intersect(other: DataFrame): DataFrame {
    return this.#combined(other, "INTERSECT");
  }

  /** The rows that both have, as often as both have them. */
  intersectAll(other: DataFrame): DataFrame {
    return this.#combined(other, "INTERSECT ALL");
  }

  /** The rows that the other frame lacks, each once. Spark's `except` and `subtract`. */
  except(other: DataFrame): DataFrame {
    return this.#combined(other, "EXCEPT");
  }

  /** The rows that are left when each row of the other frame has taken one of its like away. */
  exceptAll(other: DataFrame): DataFrame {
    return this.#combined(other, "EXCEPT ALL");
  }

  /** The rows of both, columns by position; duplicates stay. */
  union(other: DataFrame): DataFrame {
    return this.#combined(other, "UNION ALL");
  }

  /** Same as `union`. */
  unionAll(other: DataFrame): DataFrame {
    return this.union(other);
  }

  /** The rows of both, columns by name; a column that one of them lacks is null there. */
  unionByName(other: DataFrame): DataFrame {
    return this.#combined(other, "UNION ALL BY NAME");
  }

  /** Sorts: names, expressions, `desc("price")`. Nulls come first ascending and last descending, as in Spark. */
  orderBy(key: ColumnInput | SortKey, ...more: readonly (ColumnInput | SortKey)[]): DataFrame {
    return this.#over(sortPlan(this.plan, [key, ...more]));
  }

  /** Same as `orderBy`. */
  sort(key: ColumnInput | SortKey, ...more: readonly (ColumnInput | SortKey)[]): DataFrame {
    return this.orderBy(key, ...more);
  }

  /** A name for this frame in `spark.sql` and `spark.table`, as long as the session lives; one of that name is replaced. */
  createOrReplaceTempView(name: string): void {
    checkViewName(name);
    this.context.views.set(name.toLowerCase(), this.plan);
  }

  /**
   * A JavaScript step over Arrow batches.
   * @throws AlluviumError `INVALID_ARGUMENT` for a schema that cannot be read
   */
  mapBatches(step: MapBatchesFunction, options: MapBatchesOptions = {}): DataFrame {
    const schema = options.schema === undefined ? undefined : toSchema(options.schema);
    return this.#with({ kind: "mapBatches", function: step, schema });
  }

  /**
   * Watches a streaming frame: new rows, or the whole result of an aggregation, batch by batch, until the loop is left.
   * @throws AlluviumError `WRITE_STREAM_NOT_ALLOWED` on a frame that does not stream
   */
  live(options: LiveOptions = {}): LiveUpdates {
    if (this.isStreaming) return liveUpdates(this.context, this.plan, options);
    throw onlyOnStreams("live");
  }

  /** Starts writing a batch frame to a table. */
  get write(): DataFrameWriter {
    this.requireBatch("write");
    return new DataFrameWriter(this.context, this);
  }

  /** Starts writing a streaming frame. */
  get writeStream(): DataStreamWriter {
    if (this.isStreaming) return new DataStreamWriter(this.context, this.plan);
    throw onlyOnStreams("writeStream");
  }

  async #summary(columns: readonly string[], statistics: readonly string[]): Promise<DataFrame> {
    this.requireBatch("summary");
    return this.#over(summaryPlan(this.plan, { schema: await this.schema(), columns, statistics }));
  }

  #combined(other: DataFrame, word: string): DataFrame {
    return this.#over(combinedPlan(this.plan, word, other.plan));
  }

  #query(text: string): DataFrame {
    return this.#over(queryPlan(text, [{ name: "input", plan: this.plan }]));
  }

  #over(plan: Plan): DataFrame {
    return new DataFrame(this.context, plan);
  }

  #with(step: PlanStep): DataFrame {
    return new DataFrame(this.context, { ...this.plan, steps: [...this.plan.steps, step] });
  }
}
