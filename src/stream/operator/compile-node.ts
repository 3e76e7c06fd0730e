// stream/operator/compile-node.ts: the tree of a streaming query as operators that run batch by batch.
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { aggregateOperator } from "./aggregate-operator.ts";
import { deduplicateOperator, distinctRows } from "./deduplicate-operator.ts";
import { planAggregate } from "./incremental-aggregate.ts";
import { joinOperator } from "./join-operator.ts";
import { limitOperator } from "./limit-operator.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import type { StreamNode } from "../plan/stream-node.ts";
import { hasNode, watermarksBelow } from "../plan/stream-shape.ts";
import { columnType, eventMicros } from "./stream-operator.ts";
import type { EventTimeStats, OperatorBatch, StatefulOperator, StreamOperator } from "./stream-operator.ts";

/** The operators of a query. */
export interface CompiledNode {
  readonly root: StreamOperator;
  /** Inputs before what reads them. */
  readonly stateful: readonly StatefulOperator[];
  /** Delays of the watermark operators, by index. */
  readonly delaysMs: readonly number[];
}

/** Compiles a tree. @throws AlluviumError of DuckDB for SQL that it cannot resolve */
export async function compileOperators(
  connection: SqlConnection,
  node: StreamNode,
  outputMode: OutputMode,
): Promise<CompiledNode> {
  const compiler = new NodeCompiler(connection, outputMode);
  const root = await compiler.compile(node);
  return { root, stateful: compiler.stateful, delaysMs: compiler.delaysMs };
}

class NodeCompiler {
  readonly stateful: StatefulOperator[] = [];
  readonly delaysMs: number[] = [];
  readonly #connection: SqlConnection;
  readonly #outputMode: OutputMode;

  constructor(connection: SqlConnection, outputMode: OutputMode) {
    this.#connection = connection;
    this.#outputMode = outputMode;
  }

  async compile(node: StreamNode): Promise<StreamOperator> {
    switch (node.kind) {
      case "source":
        return withoutState(node.schema, null, async (batch) => batch.inputs[node.index] ?? "");
      case "rows":
      case "sort":
        return this.#rows(node);
      case "watermark":
        return this.#watermark(node);
      case "union":
        return this.#union(node);
      case "aggregate":
        return this.#aggregate(node);
      case "deduplicate":
        return this.#deduplicate(node);
      case "limit":
        return this.#limit(node);
      case "join":
        return this.#join(node);
    }
  }

  async #rows(node: Extract<StreamNode, { kind: "rows" | "sort" }>): Promise<StreamOperator> {
    const input = await this.compile(node.input);
    return withoutState(node.schema, input, async (batch) => node.sql(`(${await input.evaluate(batch)})`, batch.nowMs));
  }

  async #watermark(node: Extract<StreamNode, { kind: "watermark" }>): Promise<StreamOperator> {
    const input = await this.compile(node.input);
    const index = this.delaysMs.push(node.delayMs) - 1;
    const micros = eventMicros(sqlIdentifier(node.column), columnType(node.schema, node.column));
    return withoutState(node.schema, input, async (batch) => {
      const source = await input.evaluate(batch);
      const stats = await eventTimes(batch, source, micros);
      if (stats !== null) batch.eventTimes.set(index, stats);
      return source;
    });
  }

  async #union(node: Extract<StreamNode, { kind: "union" }>): Promise<StreamOperator> {
    const inputs: StreamOperator[] = [];
    for (const input of node.inputs) inputs.push(await this.compile(input));
    const names = node.schema.fields.map((field) => sqlIdentifier(field.name)).join(", ");
    return {
      schema: node.schema,
      outputWatermark: (micros) =>
        inputs.map((input) => input.outputWatermark(micros)).reduce((a, b) => (b < a ? b : a), micros),
      evaluate: async (batch) => {
        const parts: string[] = [];
        for (const input of inputs) parts.push(`SELECT * FROM (${await input.evaluate(batch)})`);
        return `SELECT * FROM (${parts.join(" UNION ALL ")}) AS united(${names})`;
      },
    };
  }

  async #aggregate(node: Extract<StreamNode, { kind: "aggregate" }>): Promise<StreamOperator> {
    const input = await this.compile(node.input);
    const id = this.stateful.length;
    const plan = await planAggregate(this.#connection, node, { id, hasWatermark: watermarksBelow(node).length > 0 });
    return this.#add(aggregateOperator(plan, input, this.#outputMode));
  }

  async #deduplicate(node: Extract<StreamNode, { kind: "deduplicate" }>): Promise<StreamOperator> {
    const input = await this.compile(node.input);
    // Each batch brings the whole result, of which nothing was seen before.
    if (this.#outputMode === "complete" && hasNode(node.input, "aggregate"))
      return withoutState(node.schema, input, async (batch) => distinctRows(node, await input.evaluate(batch)));
    const watermarks = watermarksBelow(node);
    const { delayMs } = watermarks.find((watermark) => watermark.column === node.eventTime) ??
      watermarks[0] ?? { delayMs: 0 };
    const id = this.stateful.length;
    return this.#add(await deduplicateOperator(node, input, { connection: this.#connection, id, delayMs }));
  }

  async #limit(node: Extract<StreamNode, { kind: "limit" }>): Promise<StreamOperator> {
    const input = await this.compile(node.input);
    if (this.#outputMode === "complete" && hasNode(node.input, "aggregate"))
      return withoutState(
        node.schema,
        input,
        async (batch) => `SELECT * FROM (${await input.evaluate(batch)}) LIMIT ${node.count}`,
      );
    return this.#add(limitOperator(node, input, this.stateful.length));
  }

  async #join(node: Extract<StreamNode, { kind: "join" }>): Promise<StreamOperator> {
    const left = await this.compile(node.left);
    const right = await this.compile(node.right);
    return this.#add(
      await joinOperator(node, { left, right }, { connection: this.#connection, id: this.stateful.length }),
    );
  }

  #add(operator: StatefulOperator): StatefulOperator {
    this.stateful.push(operator);
    return operator;
  }
}

/** An operator that looks at nothing but the rows of the batch. */
function withoutState(
  schema: StructType,
  input: StreamOperator | null,
  evaluate: (batch: OperatorBatch) => Promise<string>,
): StreamOperator {
  return { schema, evaluate, outputWatermark: (micros) => input?.outputWatermark(micros) ?? micros };
}

async function eventTimes(batch: OperatorBatch, source: string, micros: string): Promise<EventTimeStats | null> {
  const [row] = await batch.state.connection.rows(
    `SELECT min(t) AS least, max(t) AS most, avg(t) AS mean FROM (SELECT ${micros} AS t FROM (${source}))`,
  );
  const least = row?.["least"];
  const most = row?.["most"];
  if (typeof least !== "bigint" || typeof most !== "bigint") return null;
  const toMs = (value: bigint): number => Number((value - (((value % 1000n) + 1000n) % 1000n)) / 1000n);
  return { minMs: toMs(least), maxMs: toMs(most), avgMs: Math.trunc(Number(row?.["mean"] ?? 0) / 1000) };
}
