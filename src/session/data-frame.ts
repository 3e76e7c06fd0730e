// session/data-frame.ts: rows that are not read yet. Transformations are lazy; whatever touches storage is a promise.
import type { RecordBatch } from "apache-arrow";
import { Table } from "apache-arrow";
import { rowsFromBatch } from "../engine/arrow-rows.ts";
import { toArrowSchema } from "../engine/arrow-schema.ts";
import { AlluviumError } from "../format/error.ts";
import type { StructType } from "../format/schema.ts";
import type { RowObject, RowsProvider } from "../table/table-input.ts";
import type { Rows } from "../writer/rows.ts";
import { type ColumnInput, expressionText, selectText } from "./column-text.ts";
import { DataFrameWriter } from "./data-frame-writer.ts";
import { DataStreamWriter } from "./data-stream-writer.ts";
import type { FrameContext } from "./frame-context.ts";
import type { MapBatchesFunction, Plan, PlanStep } from "./plan.ts";
import { parseSimpleQuery } from "./simple-query.ts";
import { frameBatches, frameRows, frameSchema } from "./run-frame.ts";

/** Options of `mapBatches`. */
export interface MapBatchesOptions {
  /** Columns of what the function gives; those it gets when absent. */
  readonly schema?: StructType;
}

/** Rows of a table, or of a stream, with steps upon them. Immutable: every transformation is a new DataFrame. */
export class DataFrame implements RowsProvider {
  readonly #context: FrameContext;
  readonly #plan: Plan;

  /** @internal */
  constructor(context: FrameContext, plan: Plan) {
    this.#context = context;
    this.#plan = plan;
  }

  /** True when the rows are those of a stream: such a frame is run by `writeStream` only. */
  get isStreaming(): boolean {
    return this.#plan.source.kind === "stream";
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

  /** Keeps at most `count` rows; which ones is not defined. Not for streams. */
  limit(count: number): DataFrame {
    if (!Number.isSafeInteger(count) || count < 0) {
      throw new AlluviumError("INVALID_ARGUMENT", { count }, `limit takes a whole number from 0, not ${count}`);
    }
    return this.#with({ kind: "limit", count });
  }

  /** `SELECT … FROM view [WHERE …]` (Spark SQL) over these rows. */
  sql(query: string, view = "source"): DataFrame {
    return parseSimpleQuery(query, view).reduce<DataFrame>((frame, step) => frame.#with(step), this);
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

  /** Starts writing a batch frame to a table. */
  get write(): DataFrameWriter {
    this.#requireBatch("write");
    return new DataFrameWriter(this.#context, this);
  }

  /** Starts writing a streaming frame. */
  get writeStream(): DataStreamWriter {
    if (this.isStreaming) return new DataStreamWriter(this.#context, this.#plan);
    throw new AlluviumError(
      "WRITE_STREAM_NOT_ALLOWED",
      {},
      "writeStream needs a streaming DataFrame; read the table with readStream, or use write",
    );
  }

  /** Gives the rows to a table; what `DeltaTable.append(frame)` calls. */
  async toTableRows(): Promise<Rows> {
    this.#requireBatch("writing to a table");
    return frameRows(this.#context, this.#plan);
  }

  #with(step: PlanStep): DataFrame {
    return new DataFrame(this.#context, { ...this.#plan, steps: [...this.#plan.steps, step] });
  }

  #requireBatch(what: string): void {
    if (!this.isStreaming) return;
    throw new AlluviumError(
      "CALL_ON_STREAMING_DATASET_UNSUPPORTED",
      { call: what },
      `${what} cannot be called on a streaming DataFrame, which never ends; start it with writeStream, ` +
        "or read the table with read",
    );
  }
}
