// session/data-frame.ts: rows that are not read yet. Transformations are lazy; whatever touches storage is a promise.
import type { RecordBatch, Schema } from "apache-arrow";
import { Table } from "apache-arrow";
import { rowsFromBatch } from "../engine/arrow-rows.ts";
import { toArrowSchema } from "../engine/arrow-schema.ts";
import type { StructType } from "../format/schema.ts";
import type { RowObject, RowsProvider } from "../table/table-input.ts";
import type { Rows } from "../writer/rows.ts";
import { type ColumnInput, expressionText, selectText } from "./column-text.ts";
import { DataFrameWriter } from "./data-frame-writer.ts";
import { DataStreamWriter } from "./data-stream-writer.ts";
import { checkLimit, checkViewName, watermarkDelayMs } from "./frame-arguments.ts";
import type { FrameContext } from "./frame-context.ts";
import { explainPlan } from "./explain-plan.ts";
import { notOnStreams, onlyOnStreams } from "./frame-kind.ts";
import { type JoinOn, type JoinType, type SortKey, joinPlan, queryPlan, sortPlan } from "./frame-query.ts";
import { GroupedData } from "./grouped-data.ts";
import { type LiveOptions, type LiveUpdates, liveUpdates } from "./live.ts";
import { type MapBatchesFunction, type Plan, type PlanStep, isStreamingPlan } from "./plan.ts";
import { frameBatches, frameRows, frameSchema } from "./run-frame.ts";
import { formatRows } from "./show-rows.ts";

/** Options of `mapBatches`. */
export interface MapBatchesOptions {
  /** Columns of what the function gives; those it gets when absent. */
  readonly schema?: StructType;
}

/** Rows of a table, or of a stream, with steps upon them. Immutable: every transformation is a new DataFrame. */
export class DataFrame implements RowsProvider {
  readonly #context: FrameContext;
  readonly #plan: Plan;
  readonly #alias: string | undefined;

  /** @internal */
  constructor(context: FrameContext, plan: Plan, alias?: string) {
    this.#context = context;
    this.#plan = plan;
    this.#alias = alias;
  }

  /** True when the rows are those of a stream: such a frame is run by `writeStream` only. */
  get isStreaming(): boolean {
    return isStreamingPlan(this.#plan);
  }

  /** Keeps these columns: names (`"author"`, `"address.city"`, `"*"`) or expressions (`col("price").…`, `expr("…")`). */
  select(...columns: readonly ColumnInput[]): DataFrame {
    return this.#with({ kind: "select", expressions: columns.map(selectText) });
  }

  /** Like `select`, with Spark SQL expressions: `"price * 2 AS doubled"`. */
  selectExpr(...expressions: readonly string[]): DataFrame {
    return this.#with({ kind: "select", expressions });
  }

  /** Keeps the rows for which the condition (Spark SQL text or an expression) is true. */
  where(condition: ColumnInput): DataFrame {
    return this.#with({ kind: "where", condition: expressionText(condition) });
  }

  /** Same as `where`. */
  filter(condition: ColumnInput): DataFrame {
    return this.where(condition);
  }

  /** Adds a column, or replaces the one of that name (case-insensitive), by a Spark SQL expression. */
  withColumn(name: string, expression: ColumnInput): DataFrame {
    return this.#with({ kind: "withColumn", name, expression: expressionText(expression) });
  }

  /** Renames a column; a name that is not there changes nothing, as in Spark. */
  withColumnRenamed(from: string, to: string): DataFrame {
    return this.#with({ kind: "rename", from, to });
  }

  /** Leaves out columns; names that are not there change nothing, as in Spark. */
  drop(...names: readonly string[]): DataFrame {
    return this.#with({ kind: "drop", names });
  }

  /** Adds or replaces several columns; the expressions see the columns as they were. */
  withColumns(columns: Readonly<Record<string, ColumnInput>>): DataFrame {
    return Object.entries(columns).reduce<DataFrame>(
      (frame, [name, expression]) => frame.withColumn(name, expression),
      this,
    );
  }

  /** Keeps at most `count` rows; which ones is not defined. On a stream: of its whole life. */
  limit(count: number): DataFrame {
    checkLimit(count);
    return this.#with({ kind: "limit", count });
  }

  /** A query in Spark SQL over these rows, which are called `view` in it. */
  sql(query: string, view = "source"): DataFrame {
    return this.#over(queryPlan(query, [{ name: view, plan: this.#plan }]));
  }

  /** A name for this frame in the conditions of joins. */
  alias(name: string): DataFrame {
    return new DataFrame(this.#context, this.#plan, name);
  }

  /** Each row once. */
  distinct(): DataFrame {
    return this.#over(queryPlan("SELECT DISTINCT * FROM input", [{ name: "input", plan: this.#plan }]));
  }

  /** One row of those that agree in these columns, in all columns when none is named; which one is not defined. */
  dropDuplicates(columns: readonly string[] = []): DataFrame {
    return this.#over({
      source: { kind: "deduplicate", input: this.#plan, columns, withinWatermark: false },
      steps: [],
    });
  }

  /** As `dropDuplicates`, but on a stream a row is forgotten once the watermark has passed its time and the delay. */
  dropDuplicatesWithinWatermark(columns: readonly string[] = []): DataFrame {
    return this.#over({
      source: { kind: "deduplicate", input: this.#plan, columns, withinWatermark: true },
      steps: [],
    });
  }

  /**
   * The column is the time of the events, and rows may be late by `delay` (`"10 minutes"`).
   * @throws AlluviumError `CANNOT_PARSE_INTERVAL`
   */
  withWatermark(column: string, delay: string): DataFrame {
    const delayMs = watermarkDelayMs(delay);
    return this.#over({ source: { kind: "watermark", input: this.#plan, column, delayMs }, steps: [] });
  }

  /** Puts rows together by keys: names of columns or expressions, such as `window("ts", "10 minutes")`. */
  groupBy(...keys: readonly ColumnInput[]): GroupedData {
    return new GroupedData(this.#context, this.#plan, keys);
  }

  /** Aggregates over all rows: `groupBy().agg(…)`. */
  agg(aggregate: ColumnInput, ...more: readonly ColumnInput[]): DataFrame {
    return this.groupBy().agg(aggregate, ...more);
  }

  /**
   * Joins another frame: `on` names columns that both have (they are there once in the result), or is a condition over the
   * aliases of the frames (`left` and `right` where they have none).
   * @throws AlluviumError `INVALID_ARGUMENT` for a kind of join that there is not
   */
  join(other: DataFrame, on?: JoinOn, how: JoinType = "inner"): DataFrame {
    const left = { name: this.#alias ?? "left", plan: this.#plan };
    return this.#over(joinPlan({ left, right: { name: other.#alias ?? "right", plan: other.#plan }, on, how }));
  }

  /** The rows of both, columns by position; duplicates stay. */
  union(other: DataFrame): DataFrame {
    return this.#united(other, "UNION ALL");
  }

  /** Same as `union`. */
  unionAll(other: DataFrame): DataFrame {
    return this.union(other);
  }

  /** The rows of both, columns by name; a column that one of them lacks is null there. */
  unionByName(other: DataFrame): DataFrame {
    return this.#united(other, "UNION ALL BY NAME");
  }

  /** Sorts: names, expressions, `desc("price")`. Nulls come first ascending and last descending, as in Spark. */
  orderBy(key: ColumnInput | SortKey, ...more: readonly (ColumnInput | SortKey)[]): DataFrame {
    return this.#over(sortPlan(this.#plan, [key, ...more]));
  }

  /** Same as `orderBy`. */
  sort(key: ColumnInput | SortKey, ...more: readonly (ColumnInput | SortKey)[]): DataFrame {
    return this.orderBy(key, ...more);
  }

  /** A name for this frame in `spark.sql` and `spark.table`, as long as the session lives; one of that name is replaced. */
  createOrReplaceTempView(name: string): void {
    checkViewName(name);
    this.#context.views.set(name.toLowerCase(), this.#plan);
  }

  /** A JavaScript step over Arrow batches. */
  mapBatches(step: MapBatchesFunction, options: MapBatchesOptions = {}): DataFrame {
    return this.#with({ kind: "mapBatches", function: step, schema: options.schema });
  }

  /** The columns, resolved against storage now. */
  schema(): Promise<StructType> {
    return frameSchema(this.#context, this.#plan);
  }

  /** Arrow batches of bounded size. */
  batches(): AsyncIterable<RecordBatch> {
    this.#requireBatch("batches");
    return frameBatches(this.#context, this.#plan);
  }

  /** Row objects: 64-bit integers are bigint, decimals strings, timestamps and dates Date, binary Uint8Array. */
  async *rows(): AsyncGenerator<RowObject> {
    this.#requireBatch("rows");
    const schema = await this.schema();
    for await (const batch of frameBatches(this.#context, this.#plan)) yield* rowsFromBatch(batch, schema);
  }

  /** All rows, in memory. */
  async collect(): Promise<readonly RowObject[]> {
    const all: RowObject[] = [];
    for await (const row of this.rows()) all.push(row);
    return all;
  }

  /** The columns as Arrow knows them. */
  async arrowSchema(): Promise<Schema> {
    return toArrowSchema(await this.schema());
  }

  /** All rows as one Arrow table, in memory. */
  async toArrow(): Promise<Table> {
    this.#requireBatch("toArrow");
    const batches: RecordBatch[] = [];
    for await (const batch of frameBatches(this.#context, this.#plan)) batches.push(batch);
    return batches.length > 0 ? new Table(batches) : new Table(toArrowSchema(await this.schema()));
  }

  /** How many rows there are. */
  async count(): Promise<bigint> {
    this.#requireBatch("count");
    let count = 0n;
    for await (const batch of frameBatches(this.#context, this.#plan)) count += BigInt(batch.numRows);
    return count;
  }

  /** Prints the first rows as Spark does; cells are cut to 20 characters, or to `truncate` of them, or not at all with false. */
  async show(rowCount = 20, truncate: boolean | number = true): Promise<void> {
    this.#requireBatch("show");
    const schema = await this.schema();
    const rows = await this.limit(rowCount + 1).collect();
    const widthMax = truncate === true ? 20 : truncate === false ? 0 : truncate;
    // eslint-disable-next-line eslint/no-console -- printing is what show is for
    console.log(`${formatRows(rows.slice(0, rowCount), { schema, widthMax, hasMore: rows.length > rowCount })}\n`);
  }

  /** Says how the frame runs: files read and left out; for a stream its operators and output modes. */
  explain(): Promise<string> {
    return explainPlan(this.#context, this.#plan);
  }

  /**
   * Watches a streaming frame: new rows, or the whole result of an aggregation, batch by batch, until the loop is left.
   * @throws AlluviumError `WRITE_STREAM_NOT_ALLOWED` on a frame that does not stream
   */
  live(options: LiveOptions = {}): LiveUpdates {
    if (this.isStreaming) return liveUpdates(this.#context, this.#plan, options);
    throw onlyOnStreams("live");
  }

  /** Starts writing a batch frame to a table. */
  get write(): DataFrameWriter {
    this.#requireBatch("write");
    return new DataFrameWriter(this.#context, this);
  }

  /** Starts writing a streaming frame. */
  get writeStream(): DataStreamWriter {
    if (this.isStreaming) return new DataStreamWriter(this.#context, this.#plan);
    throw onlyOnStreams("writeStream");
  }

  /** Gives the rows to a table; what `DeltaTable.append(frame)` calls. */
  async toTableRows(): Promise<Rows> {
    this.#requireBatch("writing to a table");
    return frameRows(this.#context, this.#plan);
  }

  #united(other: DataFrame, word: string): DataFrame {
    const frames = [
      { name: "first_rows", plan: this.#plan },
      { name: "second_rows", plan: other.#plan },
    ];
    return this.#over(queryPlan(`SELECT * FROM first_rows ${word} SELECT * FROM second_rows`, frames));
  }

  #over(plan: Plan): DataFrame {
    return new DataFrame(this.#context, plan);
  }

  #with(step: PlanStep): DataFrame {
    return new DataFrame(this.#context, { ...this.#plan, steps: [...this.#plan.steps, step] });
  }

  #requireBatch(what: string): void {
    if (this.isStreaming) throw notOnStreams(what);
  }
}
