// session/frame/lazy-rows.ts: rows that are not read yet, and the ways to read them.
import type { RecordBatch, Schema, Table } from "apache-arrow";
import { assert } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { RowObject, RowsProvider } from "../../table/input/table-input.ts";
import { arrowSchema, arrowTable } from "../../table/rows/arrow-view.ts";
import type { Rows } from "../../writer/rows.ts";
import { checkLimit } from "../plan/frame-arguments.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { notOnStreams } from "../plan/frame-kind.ts";
import { queryPlan } from "../plan/frame-query.ts";
import { type Plan, type PlanStep, byPosition, hasMapStep, isStreamingPlan } from "../plan/plan.ts";
import { requireUniqueNames } from "../names/unique-names.ts";
import { formatRows } from "../run/show-rows.ts";
import { formatSchemaTree } from "../run/show-schema.ts";

/** What a DataFrame gives when it is asked for its rows. */
export abstract class LazyRows implements RowsProvider {
  /** @internal */
  protected readonly context: FrameContext;
  /** @internal */
  protected readonly plan: Plan;

  /** @internal */
  constructor(context: FrameContext, plan: Plan) {
    this.context = context;
    this.plan = plan;
  }

  /** True when the rows are those of a stream: such a frame is run by `writeStream` only. */
  get isStreaming(): boolean {
    return isStreamingPlan(this.plan);
  }

  /** The columns, resolved against storage now. */
  async schema(): Promise<StructType> {
    const { frameSchema } = await import("../run/run-frame.ts");
    return frameSchema(this.context, this.plan);
  }

  /** The names of the columns, resolved against storage now. */
  async columns(): Promise<readonly string[]> {
    return (await this.schema()).fields.map(({ name }) => name);
  }

  /** Prints the columns as Spark does. */
  async printSchema(): Promise<void> {
    // eslint-disable-next-line eslint/no-console -- printing is what printSchema is for
    console.log(formatSchemaTree(await this.schema()));
  }

  /** Arrow batches of bounded size. */
  batches(): AsyncIterable<RecordBatch> {
    this.requireBatch("batches");
    return this.#batches();
  }

  /**
   * Row objects: 64-bit integers are bigint, decimals strings, timestamps and dates Date, binary Uint8Array.
   * @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND` for two columns of one name, which no object holds
   */
  async *rows(): AsyncGenerator<RowObject> {
    this.requireBatch("rows");
    const { rowsFromBatch } = await import("../../engine/arrow/arrow-rows.ts");
    const schema = await this.schema();
    requireUniqueNames(schema);
    for await (const batch of this.#batches()) yield* rowsFromBatch(batch, schema);
  }

  /** All rows, in memory. */
  async collect(): Promise<readonly RowObject[]> {
    const all: RowObject[] = [];
    for await (const row of this.rows()) all.push(row);
    return all;
  }

  /** The first rows, at most so many. @throws AlluviumError `INVALID_ARGUMENT` */
  async take(count: number): Promise<readonly RowObject[]> {
    this.requireBatch("take");
    checkLimit(count);
    const steps = [...this.plan.steps, { kind: "limit", count } as const];
    return this.context.frame({ ...this.plan, steps }).collect();
  }

  /** Same as `take`; one row when no number is given. */
  head(count = 1): Promise<readonly RowObject[]> {
    return this.take(count);
  }

  /** The first row; null when there is none. */
  async first(): Promise<RowObject | null> {
    return (await this.take(1))[0] ?? null;
  }

  /** True when there is no row. */
  async isEmpty(): Promise<boolean> {
    return (await this.first()) === null;
  }

  /** The columns as Arrow knows them. */
  async arrowSchema(): Promise<Schema> {
    return arrowSchema(await this.schema());
  }

  /** All rows as one Arrow table, in memory. */
  async toArrow(): Promise<Table> {
    this.requireBatch("toArrow");
    return arrowTable(this.#batches(), await this.schema());
  }

  /** How many rows there are; no column is read that the rows do not depend on. */
  async count(): Promise<bigint> {
    this.requireBatch("count");
    if (hasMapStep(this.plan)) return this.#countBatches(); // its rows pass by once: no need to keep them for a query
    const counting = queryPlan("SELECT count(1) AS n FROM input", [{ name: "input", plan: byPosition(this.plan) }]);
    const n = (await this.context.frame(counting).first())?.["n"];
    assert(typeof n === "bigint", "a count is a long");
    return n;
  }

  async *#batches(): AsyncGenerator<RecordBatch> {
    const { frameBatches } = await import("../run/run-frame.ts");
    yield* frameBatches(this.context, this.plan);
  }

  async #countBatches(): Promise<bigint> {
    let count = 0n;
    for await (const batch of this.#batches()) count += BigInt(batch.numRows);
    return count;
  }

  /** Prints the first rows as Spark does; cells are cut to 20 characters, or to `truncate` of them, or not at all with false. */
  async show(rowCount = 20, truncate: boolean | number = true): Promise<void> {
    this.requireBatch("show");
    const schema = await this.schema();
    checkLimit(rowCount);
    const plan = byPosition(this.plan);
    const numbered: PlanStep = { kind: "renameAll", names: schema.fields.map((_, index) => `c${index}`) };
    const steps: readonly PlanStep[] = [...plan.steps, { kind: "limit", count: rowCount + 1 }, numbered];
    const objects = await this.context.frame({ ...plan, steps }).collect();
    const rows = objects.map((row) => schema.fields.map((_, index) => row[`c${index}`]));
    const widthMax = truncate === true ? 20 : truncate === false ? 0 : truncate;
    // eslint-disable-next-line eslint/no-console -- printing is what show is for
    console.log(`${formatRows(rows.slice(0, rowCount), { schema, widthMax, hasMore: rows.length > rowCount })}\n`);
  }

  /** Says how the frame runs: files read and left out; for a stream its operators and output modes. */
  async explain(): Promise<string> {
    const { explainPlan } = await import("../run/explain-plan.ts");
    return explainPlan(this.context, this.plan);
  }

  /** Gives the rows to a table; what `DeltaTable.append(frame)` calls. */
  async toTableRows(): Promise<Rows> {
    this.requireBatch("writing to a table");
    const { frameRows } = await import("../run/run-frame.ts");
    return frameRows(this.context, this.plan);
  }

  /** @internal @throws AlluviumError `CALL_ON_STREAMING_DATASET_UNSUPPORTED` */
  protected requireBatch(call: string): void {
    if (this.isStreaming) throw notOnStreams(call);
  }
}
