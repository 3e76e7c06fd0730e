// stream/operator/join-operator.ts: two streams joined. Each side's rows are kept for as long as a row of the other side may still match them;
// a pair comes out when its later row comes, a row without a match when it can have none any more. streaming.md, "Joins".
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { compileSide, describeSide, keyTypes } from "./join-side.ts";
import type { JoinNode, Side } from "./join-side.ts";
import { isNestedType } from "../state/state-index.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { OperatorSpec } from "../plan/state-spec.ts";
import { figuresOf, timed, watermarksAfter } from "./stream-operator.ts";
import type { BatchWatermarks, OperatorBatch, StatefulOperator, StreamOperator } from "./stream-operator.ts";

/** Rows of a side in a batch that are not late. */
interface Arrived {
  /** A relation of them, with the columns of the side's state. */
  readonly rows: string;
  readonly count: number;
  /** The lowest of their ids, which are above those of the state. */
  readonly firstId: bigint;
  /** Microseconds; null when no row has a time. */
  readonly leastTime: bigint | null;
  readonly mostTime: bigint | null;
}

/**
 * Compiles a join of two streams.
 * @throws AlluviumError `_LEGACY_ERROR_TEMP_3102` for an outer join whose rows could wait for a match for ever
 */
export async function joinOperator(
  node: JoinNode,
  inputs: { readonly left: StreamOperator; readonly right: StreamOperator },
  { connection, id }: { readonly connection: SqlConnection; readonly id: number },
): Promise<StatefulOperator> {
  const left = compileSide(node, inputs.left, "left");
  const right = compileSide(node, inputs.right, "right");
  for (const side of [left, right]) if (side.isOuter && side.keptForMicros === null) throw neverUnmatched(node, side);
  const keys = await keyTypes(connection, node, left);
  // Keys of two types may be equal where their hashes are not.
  const rightKeys = await keyTypes(connection, node, right);
  const isSought = keys.every(({ type }, at) => type === rightKeys[at]?.type && !isNestedType(type));
  const sides = [
    await describeSide(connection, left, isSought ? node.keys.map((key) => key.left) : []),
    await describeSide(connection, right, isSought ? node.keys.map((key) => key.right) : []),
  ];
  const spec: OperatorSpec = {
    id,
    name: "symmetricHashJoin",
    keys,
    values: sides.flatMap(({ columns }) => columns.slice(1)),
    tables: sides,
  };
  const kept = [left.keptForMicros, right.keptForMicros].filter((micros) => micros !== null);
  return {
    spec,
    schema: node.schema,
    heedsWatermark: kept.length > 0,
    // A row may come out when it is evicted, as late as that.
    outputWatermark: (micros) => {
      const lowest = [left, right]
        .map((side) => side.operator.outputWatermark(micros))
        .reduce((a, b) => (a < b ? a : b));
      return kept.map((keptFor) => lowest - keptFor).reduce((a, b) => (a < b ? a : b), lowest);
    },
    evaluate: async (batch) => new JoinBatch(node, { left, right }, { spec, batch }).run(),
  };
}

function neverUnmatched({ type }: JoinNode, { name }: Side): AlluviumError {
  const message = `a ${type} outer join of two streams needs to know when a row of its ${name} side can have no match any more: give both streams a watermark (withWatermark), and say in the condition how far apart their event times may be`;
  return new AlluviumError("_LEGACY_ERROR_TEMP_3102", { operator: `${type} outer join` }, message);
}

/** One batch of one join. */
class JoinBatch {
  readonly #node: JoinNode;
  readonly #sides: { readonly left: Side; readonly right: Side };
  readonly #spec: OperatorSpec;
  readonly #batch: OperatorBatch;
  readonly #watermarks: BatchWatermarks;

  constructor(
    node: JoinNode,
    sides: { readonly left: Side; readonly right: Side },
    { spec, batch }: { readonly spec: OperatorSpec; readonly batch: OperatorBatch },
  ) {
    this.#node = node;
    this.#sides = sides;
    this.#spec = spec;
    this.#batch = batch;
    this.#watermarks = watermarksAfter([sides.left.operator, sides.right.operator], batch.watermarks);
  }

  async run(): Promise<string> {
    const { left, right } = this.#sides;
    const newLeft = await this.#arrive(left);
    const newRight = await this.#arrive(right);
    const pairs = await this.#pairs(newLeft, newRight);
    const parts = [
      this.#node.type === "semi"
        ? this.#firstMatches(pairs)
        : `SELECT ${this.#columns(left)}, ${this.#columns(right)} FROM ${pairs}`,
    ];
    await timed(this.#batch, this.#spec.id, {
      figure: "updatesMs",
      work: async () => {
        await this.#keep(left, newLeft, pairs);
        await this.#keep(right, newRight, pairs);
      },
    });
    for (const side of [left, right]) {
      const gone = await timed(this.#batch, this.#spec.id, { figure: "removalsMs", work: () => this.#evict(side) });
      if (side.isOuter && gone !== null) parts.push(this.#unmatched(side, gone));
    }
    const names = this.#node.schema.fields.map((field) => sqlIdentifier(field.name));
    return `SELECT * FROM (${parts.join(" UNION ALL ")}) AS joined(${names.join(", ")})`;
  }

  async #arrive(side: Side): Promise<Arrived> {
    const { state } = this.#batch;
    const { id } = this.#spec;
    const firstId = state.nextId(id, side.name);
    const all = await state.scratch(
      `SELECT ${firstId} + row_number() OVER () - 1 AS ${idColumn}, *, CAST(${side.time ?? "NULL"} AS BIGINT) AS __t, false AS __matched FROM (${await side.operator.evaluate(this.#batch)})`,
    );
    const isLate = `(__t <= ${this.#watermarks.lateMicros}) IS TRUE`;
    const [row] = await state.connection.rows(
      `SELECT count(*) AS n, count(*) FILTER (WHERE ${isLate}) AS late, min(__t) FILTER (WHERE NOT ${isLate}) AS least, max(__t) AS most FROM ${all}`,
    );
    const late = side.time === null ? 0 : Number(row?.["late"]);
    figuresOf(this.#batch, id).droppedRowCount += late;
    return {
      rows: late === 0 ? all : `(SELECT * FROM ${all} WHERE NOT (${isLate}))`,
      count: Number(row?.["n"]) - late,
      firstId,
      leastTime: (row?.["least"] as bigint | null | undefined) ?? null,
      mostTime: (row?.["most"] as bigint | null | undefined) ?? null,
    };
  }

  /** Each pair of which one row at least is new: the columns of the state of both, numbered, and of each its id, time and mark. */
  async #pairs(newLeft: Arrived, newRight: Arrived): Promise<string> {
    const { left, right } = this.#sides;
    const columns = [...this.#named(left), ...this.#named(right)].join(", ");
    const select = (l: string, r: string): string =>
      `SELECT ${columns} FROM ${l} AS l JOIN ${r} AS r ON ${this.#node.condition}`;
    const parts = [select(newLeft.rows, newRight.rows)];
    if (newLeft.count > 0) parts.push(select(newLeft.rows, await this.#near(right, left, newLeft)));
    if (newRight.count > 0) parts.push(select(await this.#near(left, right, newRight), newRight.rows));
    return this.#batch.state.scratch(parts.join(" UNION ALL "));
  }

  /** A relation of the rows in the state of a side that have the keys of new rows of the other, at a time that the condition allows. */
  async #near(side: Side, other: Side, fresh: Arrived): Promise<string> {
    const { keys, timeRange } = this.#node;
    const live = this.#batch.state.live(this.#spec.id, side.name);
    const given = keys.map((key, index) => `${key[other.name]} AS k${index}`).join(", ");
    const sought = await live.seek(
      `(SELECT ${given} FROM ${fresh.rows} AS ${other.alias})`,
      keys.map((_, index) => `k${index}`),
    );
    const equal = keys.map((key) => `${key.left} = ${key.right}`);
    // right - left lies in the range: constants let DuckDB leave out stretches of rows that came at other times.
    const [least, most] =
      side.name === "right"
        ? [sumOf(fresh.leastTime, timeRange?.minMicros), sumOf(fresh.mostTime, timeRange?.maxMicros)]
        : [
            sumOf(fresh.leastTime, negative(timeRange?.maxMicros)),
            sumOf(fresh.mostTime, negative(timeRange?.minMicros)),
          ];
    const bounds = [
      ...(least === null ? [] : [`${side.alias}.__t >= ${least}`]),
      ...(most === null ? [] : [`${side.alias}.__t <= ${most}`]),
    ];
    const where = bounds.length === 0 ? "" : ` WHERE ${bounds.join(" AND ")}`;
    return `(SELECT * FROM ${sought.from} AS ${side.alias} SEMI JOIN ${fresh.rows} AS ${other.alias} ON ${equal.join(" AND ") || "true"}${where})`;
  }

  #firstMatches(pairs: string): string {
    return `SELECT ${this.#columns(this.#sides.left)} FROM (SELECT DISTINCT ON (__lid) * FROM ${pairs})`;
  }

  /** Adds new rows to the state of a side, and marks those that have found a match, or takes them out when they are done with. */
  async #keep(side: Side, fresh: Arrived, pairs: string): Promise<void> {
    const { state } = this.#batch;
    const { id } = this.#spec;
    const { isDone, isOuter, alias } = side;
    if (!isOuter && !isDone) {
      if (fresh.count > 0)
        await state.apply(id, side.name, `SELECT ${changeKinds.insert} AS ${changeColumn}, * FROM ${fresh.rows}`);
      return;
    }
    const own = side.schema.fields.map((field) => sqlIdentifier(field.name));
    const matched = `${idColumn} IN (SELECT __${alias}id FROM ${pairs})`;
    const come = `SELECT ${[`${changeKinds.insert} AS ${changeColumn}`, idColumn, ...own, "__t", `${matched} AS __matched`].join(", ")} FROM ${fresh.rows}${isDone ? ` WHERE NOT (${matched})` : ""}`;
    const kind = isDone ? changeKinds.remove : changeKinds.replace;
    const found = `SELECT DISTINCT ON (__${alias}id) ${[kind, `__${alias}id`, ...own.map((_, index) => `__${alias}${index}`), `__${alias}t`, "true"].join(", ")} FROM ${pairs} WHERE __${alias}id < ${fresh.firstId} AND NOT __${alias}matched`;
    await state.apply(id, side.name, `${come} UNION ALL ${found}`);
  }

  /** Removes the rows of a side that can have no match any more. @returns a table of them, null when rows stay for ever */
  async #evict(side: Side): Promise<string | null> {
    if (side.keptForMicros === null) return null;
    const { state } = this.#batch;
    const { id } = this.#spec;
    const isOver = `__t IS NULL OR __t <= ${this.#watermarks.closeMicros - side.keptForMicros}`;
    return state.apply(
      id,
      side.name,
      `SELECT ${changeKinds.remove} AS ${changeColumn}, * FROM ${await state.table(id, side.name)} WHERE ${isOver}`,
    );
  }

  #unmatched(side: Side, gone: string): string {
    const { left, right } = this.#sides;
    const nulls = (other: Side): string => other.schema.fields.map(() => "NULL").join(", ");
    const own = side.schema.fields.map((field) => sqlIdentifier(field.name)).join(", ");
    const list = side.name === "left" ? `${own}, ${nulls(right)}` : `${nulls(left)}, ${own}`;
    return `SELECT ${list} FROM ${gone} WHERE NOT __matched`;
  }

  /** Names of the two sides may be the same: they are numbered. */
  #named({ alias, schema }: Side): readonly string[] {
    return [
      ...schema.fields.map((field, index) => `${alias}.${sqlIdentifier(field.name)} AS __${alias}${index}`),
      `${alias}.${idColumn} AS __${alias}id`,
      `${alias}.__t AS __${alias}t`,
      `${alias}.__matched AS __${alias}matched`,
    ];
  }

  #columns({ alias, schema }: Side): string {
    return schema.fields.map((_, index) => `__${alias}${index}`).join(", ");
  }
}

/** Null where an end is open. */
const sumOf = (micros: bigint | null, more: bigint | null | undefined): bigint | null =>
  micros === null || more === null || more === undefined ? null : micros + more;
const negative = (micros: bigint | null | undefined): bigint | null =>
  micros === null || micros === undefined ? null : -micros;
