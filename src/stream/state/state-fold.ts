// stream/state/state-fold.ts: several files of a table's state read as one.
import { changeColumn, changeKinds, idColumn } from "../plan/state-spec.ts";

/**
 * The beginning of a query over changes that come one after another: `live` are the rows that are there after all of them, with the
 * columns of the table and `__mark`, null for a row that replaces none before the changes; `gone` are the ids (`__id`) whose rows
 * from before go.
 * @param parts relations with `__op`, `__id` and the columns, in the order they are applied
 * @param columns quoted names of the columns after the id; there may be none
 */
export function foldedChanges(parts: readonly string[], columns: readonly string[]): string {
  const own = [idColumn, ...columns].join(", ");
  const all = parts.map((part, at) => `SELECT ${at} AS __file, ${changeColumn}, ${own} FROM ${part}`);
  // A row goes by a later file, or by a removal in its own: see `ChangeKind`.
  const mark = `2 * __file + CASE WHEN ${changeColumn} = ${changeKinds.remove} THEN 1 ELSE 0 END`;
  const gone = `SELECT ${idColumn}, max(${mark}) AS __mark FROM changes WHERE ${changeColumn} <> ${changeKinds.insert} GROUP BY ${idColumn}`;
  const live = `SELECT ${[`changes.${idColumn}`, ...columns, "__mark"].join(", ")} FROM changes LEFT JOIN gone ON changes.${idColumn} = gone.${idColumn} WHERE ${changeColumn} <> ${changeKinds.remove} AND 2 * __file >= coalesce(__mark, -1)`;
  return `WITH changes AS MATERIALIZED (${all.join(" UNION ALL ")}), gone AS MATERIALIZED (${gone}), live AS MATERIALIZED (${live})`;
}

/** SELECT of the same changes as one: `__op`, `__id`, the columns. */
export function foldChanges(parts: readonly string[], columns: readonly string[]): string {
  const change = `CASE WHEN __mark IS NULL THEN ${changeKinds.insert} ELSE ${changeKinds.replace} END AS ${changeColumn}`;
  const nulls = columns.map((column) => `NULL AS ${column}`);
  const come = `SELECT ${[change, idColumn, ...columns].join(", ")} FROM live`;
  const go = `SELECT ${[`${changeKinds.remove} AS ${changeColumn}`, idColumn, ...nulls].join(", ")} FROM gone WHERE ${idColumn} NOT IN (SELECT ${idColumn} FROM live)`;
  return `${foldedChanges(parts, columns)} ${come} UNION ALL ${go}`;
}
