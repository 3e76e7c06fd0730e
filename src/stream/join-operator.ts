// stream/join-operator.ts: two streams joined. Each side's rows are kept for as long as a row of the other side may still match them;
// a pair comes out when its later row comes, a row without a match when it can have none any more. streaming.md, "Joins".
import type { SqlConnection } from "../engine/engine.ts";
import { sqlIdentifier } from "../engine/sql-quote.ts";
import { AlluviumError } from "../format/error.ts";
import type { StructType } from "../format/schema.ts";
import { describeColumns } from "./describe-columns.ts";
import { emptyRelation } from "./empty-relation.ts";
import { changeColumn, changeKinds, idColumn } from "./state-spec.ts";
import type { OperatorSpec, StateColumn, StateTableSpec } from "./state-spec.ts";
import type { StreamNode } from "./stream-node.ts";
import { columnType, countOf, eventMicros, figuresOf, timed, watermarksAfter } from "./stream-operator.ts";
import type { BatchWatermarks, OperatorBatch, StatefulOperator, StreamOperator } from "./stream-operator.ts";

type JoinNode = Extract<StreamNode, { kind: "join" }>;

/** Which of the two streams. */
type SideName = "left" | "right";

/** One side, compiled. */
interface Side {
  readonly name: SideName;
  /** Alias in the condition. */
  readonly alias: "l" | "r";
  readonly operator: StreamOperator;
  readonly schema: StructType;
  /** SQL over the input: event time in microseconds, null without a watermark. */
  readonly time: string | null;
  /** A row is kept until the watermark is this much above its time, in microseconds; null for ever. */
  readonly keptForMicros: bigint | null;
  /** A row without a match comes out, with nulls for the other side. */
  readonly isOuter: boolean;
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
  const keys = await keyTypes(connection, node);
  const sides = [await describeSide(connection, left), await describeSide(connection, right)];
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

function compileSide(node: JoinNode, operator: StreamOperator, name: SideName): Side {
  const { schema } = operator;
  const column = node.eventTime[name];
  const other = node.eventTime[name === "left" ? "right" : "left"];
  const bound = name === "left" ? node.timeRange?.maxMicros : node.timeRange?.minMicros;
  // right - left <= max: nothing above the watermark matches a left row that is max below it; and the other way round.
  const keptForMicros =
    column === null || other === null || bound === null || bound === undefined
      ? null
      : name === "left"
        ? bound
        : -bound;
  return {
    name,
    alias: name === "left" ? "l" : "r",
    operator,
    schema,
    time: column === null ? null : eventMicros(sqlIdentifier(column), columnType(schema, column)),
    keptForMicros,
    isOuter: node.type === "full" || node.type === name,
  };
}

async function keyTypes(connection: SqlConnection, { keys, left }: JoinNode): Promise<readonly StateColumn[]> {
  if (keys.length === 0) return [];
  const columns = keys.map((key, index) => `${key.left} AS k${index}`).join(", ");
  return describeColumns(connection, `SELECT ${columns} FROM (${emptyRelation(left.schema)}) AS l`);
}

/** A side's rows as they are, with their time and whether they have had a match. */
async function describeSide(connection: SqlConnection, { name, schema }: Side): Promise<StateTableSpec> {
  const described = await describeColumns(connection, emptyRelation(schema));
  const own = [
    { name: "__t", type: "BIGINT" },
    { name: "__matched", type: "BOOLEAN" },
  ];
  return { name, columns: [{ name: idColumn, type: "BIGINT" }, ...described, ...own], soughtBy: [], isCounted: true };
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

  /** Rows of a side in this batch that are not late, with ids above those of the state. */
  async #arrive(side: Side): Promise<string> {
    const { state } = this.#batch;
    const { id } = this.#spec;
    const time = `CAST(${side.time ?? "NULL"} AS BIGINT) AS __t`;
    const all = await state.scratch(
      `SELECT *, ${time}, false AS __matched FROM (${await side.operator.evaluate(this.#batch)})`,
    );
    const isLate = `(__t <= ${this.#watermarks.lateMicros}) IS TRUE`;
    const dropped =
      side.time === null ? 0 : await countOf(state.connection, `SELECT count(*) FROM ${all} WHERE ${isLate}`);
    figuresOf(this.#batch, id).droppedRowCount += dropped;
    return state.scratch(
      `SELECT ${state.nextId(id, side.name)} + row_number() OVER () - 1 AS ${idColumn}, * FROM ${all} WHERE NOT (${isLate})`,
    );
  }

  /** Each pair of which one row at least is new: columns of the left, of the right, and both ids. */
  #pairs(newLeft: string, newRight: string): Promise<string> {
    const { left, right } = this.#sides;
    const live = (side: Side): string => this.#batch.state.table(this.#spec.id, side.name);
    const columns = [
      ...this.#named(left),
      ...this.#named(right),
      `l.${idColumn} AS __lid`,
      `r.${idColumn} AS __rid`,
    ].join(", ");
    const both = `(SELECT * FROM ${live(right)} UNION ALL SELECT * FROM ${newRight})`;
    const select = (l: string, r: string): string =>
      `SELECT ${columns} FROM ${l} AS l JOIN ${r} AS r ON ${this.#node.condition}`;
    // A left row of a semi join comes out once.
    const known = this.#node.type === "semi" ? `(SELECT * FROM ${live(left)} WHERE NOT __matched)` : live(left);
    return this.#batch.state.scratch(`${select(newLeft, both)} UNION ALL ${select(known, newRight)}`);
  }

  #firstMatches(pairs: string): string {
    return `SELECT ${this.#columns(this.#sides.left)} FROM (SELECT DISTINCT ON (__lid) * FROM ${pairs})`;
  }

  /** Adds new rows to the state of a side, and marks those that have found a match; in a semi join a matched left row is done with. */
  async #keep(side: Side, fresh: string, pairs: string): Promise<void> {
    const { state } = this.#batch;
    const { id } = this.#spec;
    const pairId = side.name === "left" ? "__lid" : "__rid";
    const matched = `${idColumn} IN (SELECT ${pairId} FROM ${pairs})`;
    const columns = [idColumn, ...side.schema.fields.map((field) => sqlIdentifier(field.name)), "__t"].join(", ");
    const isDone = this.#node.type === "semi" && side.name === "left";
    if (!side.isOuter && !isDone) {
      await state.apply(id, side.name, `SELECT ${changeKinds.insert} AS ${changeColumn}, * FROM ${fresh}`);
      return;
    }
    const come = `SELECT ${changeKinds.insert} AS ${changeColumn}, ${columns}, ${matched} AS __matched FROM ${fresh}${isDone ? ` WHERE NOT (${matched})` : ""}`;
    const found = `SELECT ${isDone ? changeKinds.remove : changeKinds.replace} AS ${changeColumn}, ${columns}, true AS __matched FROM ${state.table(id, side.name)} WHERE NOT __matched AND ${matched}`;
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
      `SELECT ${changeKinds.remove} AS ${changeColumn}, * FROM ${state.table(id, side.name)} WHERE ${isOver}`,
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
    return schema.fields.map((field, index) => `${alias}.${sqlIdentifier(field.name)} AS __${alias}${index}`);
  }

  #columns({ alias, schema }: Side): string {
    return schema.fields.map((_, index) => `__${alias}${index}`).join(", ");
  }
}
