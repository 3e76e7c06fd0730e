// stream/operator/session-windows.ts: sessions grow and merge: those of a batch, and those in the state that they touch, become one.
// streaming.md, "Windows" (`session_window`).
import { sessionEndColumn } from "./group-keys.ts";
import { mergedValues } from "./incremental-aggregate.ts";
import type { AggregatePlan } from "./incremental-aggregate.ts";
import { assert } from "../../format/text/error.ts";
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";
import type { SoughtRows } from "../state/state-table.ts";

/**
 * SELECT of the changes that a batch makes to the sessions: those that merge go, what they merge into comes.
 * @param batch a relation of the batch's rows as sessions of their own
 * @param live the sessions in the state that they may merge with
 * @param nextId lowest id that is free
 */
export function sessionChanges(
  plan: AggregatePlan,
  { batch, live, nextId }: { batch: string; live: SoughtRows; nextId: bigint },
): string {
  const { session } = plan.keys;
  assert(session !== null, "sessions have a session key");
  const start = session.column;
  const end = sessionEndColumn;
  const others = plan.keys.columns.filter((column) => column !== start);
  const names = [...plan.keys.columns, end, ...plan.values.map(({ name }) => name)];
  const by = others.length === 0 ? "" : ` GROUP BY ${others.join(", ")}`;
  // Sessions in the state that lie between the first and the last of the batch, ends included, are all that can merge.
  const reach = `SELECT ${[...others, `min(${start}) AS __from`, `max(${end}) AS __to`].join(", ")} FROM ${batch}${by}`;
  const near = `${live.on("live", "reach")} AND live.${start} <= reach.__to AND live.${end} >= reach.__from`;
  const touched = `SELECT ${names.map((name) => `live.${name}`).join(", ")}, live.${idColumn} FROM ${live.from} AS live JOIN (${reach}) AS reach ON ${near} WHERE reach.__from IS NOT NULL`;
  const both = `SELECT ${names.join(", ")}, NULL::BIGINT AS ${idColumn} FROM ${batch} UNION ALL ${touched}`;
  const partition = others.length === 0 ? "" : `PARTITION BY ${others.join(", ")} `;
  const before = `max(${end}) OVER (${partition}ORDER BY ${start}, ${end} ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const begun = `SELECT *, CASE WHEN ${start} <= ${before} THEN 0 ELSE 1 END AS __begins FROM (${both})`;
  const islands = `SELECT *, sum(__begins) OVER (${partition}ORDER BY ${start}, ${end} ROWS UNBOUNDED PRECEDING) AS __island, ${start} AS __ord FROM (${begun})`;
  const bounds = [
    `min(${start}) AS __first`,
    `max(${end}) AS __last`,
    `list(${idColumn}) FILTER (WHERE ${idColumn} IS NOT NULL) AS __old`,
  ];
  const merged = `SELECT ${[...others, ...bounds, ...mergedValues(plan)].join(", ")} FROM (${islands}) GROUP BY ${[...others, "__island"].join(", ")} HAVING bool_or(${idColumn} IS NULL)`;
  const renamed = names.map((name) =>
    name === start ? `__first AS ${start}` : name === end ? `__last AS ${end}` : name,
  );
  const come = `SELECT ${changeKinds.insert} AS ${changeColumn}, ${nextId} + row_number() OVER () - 1 AS ${idColumn}, ${renamed.join(", ")} FROM merged`;
  const go = `SELECT ${changeKinds.remove} AS ${changeColumn}, unnest(__old) AS ${idColumn}, ${names.map((name) => `NULL AS ${name}`).join(", ")} FROM merged`;
  return `WITH merged AS MATERIALIZED (${merged}) ${come} UNION ALL ${go}`;
}
