// stream/operator/aggregate-operator.ts: a grouped stream, batch by batch, in the three output modes. streaming.md, "Watermark".
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { besideInput } from "./group-keys.ts";
import { closesGroups, groupChanges, groupResults, groupsTable } from "./incremental-aggregate.ts";
import type { AggregatePlan } from "./incremental-aggregate.ts";
import type { KeptArguments } from "./kept-arguments.ts";
import type { OutputMode } from "../plan/output-mode.ts";
import { sessionChanges } from "./session-windows.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import { countOf, figuresOf, sameColumns, timed, watermarksAfter } from "./stream-operator.ts";
import type { BatchWatermarks, OperatorBatch, StatefulOperator, StreamOperator } from "./stream-operator.ts";

/** The operator of a plan; in append mode it puts out groups that the watermark has closed, in update mode those that changed. */
export function aggregateOperator(
  plan: AggregatePlan,
  input: StreamOperator,
  outputMode: OutputMode,
): StatefulOperator {
  return {
    spec: plan.spec,
    schema: plan.schema,
    heedsWatermark: outputMode !== "complete",
    outputWatermark: (micros) => input.outputWatermark(micros),
    evaluate: async (batch) =>
      new AggregateBatch(plan, batch, watermarksAfter([input], batch.watermarks)).run(await input.evaluate(batch)),
  };
}

/** One batch of one aggregate. */
class AggregateBatch {
  readonly #plan: AggregatePlan;
  readonly #batch: OperatorBatch;
  readonly #watermarks: BatchWatermarks;

  constructor(plan: AggregatePlan, batch: OperatorBatch, watermarks: BatchWatermarks) {
    this.#plan = plan;
    this.#batch = batch;
    this.#watermarks = watermarks;
  }

  async run(source: string): Promise<string> {
    const { outputMode } = this.#batch;
    const { id } = this.#plan.spec;
    const changes = await timed(this.#batch, id, { figure: "updatesMs", work: () => this.#update(source) });
    if (outputMode === "complete") return this.#allResults(await this.#batch.state.table(id, groupsTable));
    if (outputMode === "update") {
      const changed = await this.#results(`(SELECT * FROM ${changes} WHERE ${changeColumn} <> ${changeKinds.remove})`);
      await timed(this.#batch, id, { figure: "removalsMs", work: () => this.#evict() });
      return `SELECT * FROM ${changed}`;
    }
    return `SELECT * FROM ${await timed(this.#batch, id, { figure: "removalsMs", work: () => this.#evict() })}`;
  }

  /** Puts the rows of the batch into the state. @returns the changes of the groups */
  async #update(source: string): Promise<string> {
    const plan = this.#plan;
    const { state } = this.#batch;
    // Rows that are asked twice are made once.
    const input = plan.kept.length === 0 ? source : `SELECT * FROM ${await state.scratch(source)}`;
    const groups = await this.#withoutLate(await state.scratch(plan.batchGroups(input)));
    const live = await state.live(plan.spec.id, groupsTable).seek(groups);
    const tables = { batch: groups, live, nextId: state.nextId(plan.spec.id, groupsTable) };
    const changes = plan.keys.session === null ? groupChanges(plan, tables) : sessionChanges(plan, tables);
    const changed = await state.apply(plan.spec.id, groupsTable, changes);
    for (const kept of plan.kept) await this.#keep(kept, input, changed);
    return changed;
  }

  /** A relation of the batch's groups that the watermark of the batch before had not closed. */
  async #withoutLate(groups: string): Promise<string> {
    const plan = this.#plan;
    const { state, outputMode } = this.#batch;
    if (!closesGroups(plan, outputMode)) return groups;
    const isLate = `(${plan.time}) <= ${this.#watermarks.lateMicros}`;
    const lateCount = await countOf(state.connection, `SELECT count(*) FROM ${groups} WHERE ${isLate}`);
    figuresOf(this.#batch, plan.spec.id).droppedRowCount += lateCount;
    return lateCount === 0 ? groups : `(SELECT * FROM ${groups} WHERE (${isLate}) IS NOT TRUE)`;
  }

  /** Adds the arguments of the batch's rows to those that an aggregate has kept. Late groups are not among the changed ones. */
  async #keep(kept: KeptArguments, input: string, changed: string): Promise<void> {
    const plan = this.#plan;
    const { state } = this.#batch;
    const columns = kept.table.columns.slice(1).map(({ name }) => sqlIdentifier(name));
    const filter = kept.filter === null ? "" : ` WHERE ${kept.filter}`;
    const sources = kept.sources.map((source, index) => `${source} AS __a${index}`);
    const keys = plan.keys.columns.map((column) => `${besideInput(column)} AS ${column}`);
    const rows = `SELECT ${[...keys, ...sources, "true AS __any"].join(", ")} FROM (${plan.rowsWithKeys(input)})${filter}`;
    const named = columns.map((column, index) => `rows.__a${index} AS ${column}`);
    const distinct = kept.isDistinct ? "DISTINCT " : "";
    const given = `SELECT ${distinct}${[`groups.${idColumn}`, ...named].join(", ")} FROM (${rows}) AS rows JOIN ${changed} AS groups ON ${sameColumns("rows", "groups", plan.keys.columns)}`;
    const list = [idColumn, ...columns].map((column) => `given.${column}`).join(", ");
    const known = kept.isDistinct
      ? ` ANTI JOIN ${(await state.live(plan.spec.id, kept.table.name).seek(changed)).from} AS known ON ${sameColumns("given", "known", [idColumn, ...columns])}`
      : "";
    await state.apply(
      plan.spec.id,
      kept.table.name,
      `SELECT ${changeKinds.insert} AS ${changeColumn}, ${list} FROM (${given}) AS given${known}`,
    );
  }

  /** Takes closed groups out of the state. @returns a relation of their results */
  async #evict(): Promise<string> {
    const plan = this.#plan;
    const { state, outputMode } = this.#batch;
    // Of none: whether the batch is in the table already is of no matter.
    const { name } = state.live(plan.spec.id, groupsTable);
    if (!closesGroups(plan, outputMode)) return `(${this.#allResults(name)} WHERE false)`;
    const closed = await state.apply(
      plan.spec.id,
      groupsTable,
      `SELECT ${changeKinds.remove} AS ${changeColumn}, * FROM ${await state.table(plan.spec.id, groupsTable)} WHERE (${plan.time}) <= ${this.#watermarks.closeMicros}`,
    );
    const results = await this.#results(closed);
    for (const { table } of plan.kept) {
      const nulls = table.columns.slice(1).map(({ name, type }) => `CAST(NULL AS ${type}) AS ${sqlIdentifier(name)}`);
      const gone = [`${changeKinds.remove} AS ${changeColumn}`, idColumn, ...nulls].join(", ");
      await state.apply(plan.spec.id, table.name, `SELECT ${gone} FROM ${closed}`);
    }
    return results;
  }

  /** SELECT of the results of all groups. @param groups the table of them */
  #allResults(groups: string): string {
    const { spec } = this.#plan;
    return groupResults(this.#plan, groups, ({ table }) => this.#batch.state.live(spec.id, table.name).name);
  }

  /** A relation of the results of some groups, which holds until the next batch, whatever becomes of the state. @param groups the same */
  async #results(groups: string): Promise<string> {
    const { state } = this.#batch;
    const sought = new Map<number, string>();
    for (const { index, table } of this.#plan.kept)
      sought.set(index, (await state.live(this.#plan.spec.id, table.name).seek(groups)).from);
    const results = groupResults(this.#plan, groups, ({ index }) => sought.get(index) ?? "");
    return sought.size === 0 ? `(${results})` : state.scratch(results);
  }
}
