// test/table/change-model.ts: a table in memory, its changes commit by commit, and random changes to it.
import fc from "fast-check";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import type { RowObject } from "../../src/table/input/table-input.ts";

/** One change: an operation with its numbers. Ids are 0 to 19, `part` is id % 2, so that deletes hit parts of files and all of them. */
export type Change =
  | { readonly kind: "append"; readonly ids: readonly number[] }
  | { readonly kind: "delete"; readonly from: number; readonly to: number }
  | { readonly kind: "deletePart"; readonly part: number }
  | { readonly kind: "update"; readonly from: number; readonly to: number; readonly add: number }
  | { readonly kind: "replace"; readonly from: number; readonly to: number; readonly ids: readonly number[] }
  | { readonly kind: "overwrite"; readonly ids: readonly number[] };

const id = fc.nat(19);
const ids = fc.array(id, { minLength: 1, maxLength: 12 });
const range = fc.tuple(id, id).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) }));

/** Random changes, appends first among them. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant("append" as const), ids }),
    range.map((ends) => ({ kind: "delete" as const, ...ends })),
    range.map((ends) => ({ kind: "delete" as const, ...ends })),
    fc.record({ kind: fc.constant("deletePart" as const), part: fc.nat(1) }),
    fc.tuple(range, fc.nat(3)).map(([ends, add]) => ({ kind: "update" as const, ...ends, add })),
    fc.tuple(range, fc.array(fc.nat(5), { maxLength: 3 })).map(([ends, offsets]) => ({
      kind: "replace" as const,
      ...ends,
      ids: offsets.map((offset) => Math.min(ends.to, ends.from + offset)),
    })),
    fc.record({ kind: fc.constant("overwrite" as const), ids }),
  ),
  { minLength: 1, maxLength: 7 },
);

/** A row of the model. `n` changes with updates. */
export interface ModelRow {
  readonly id: number;
  readonly part: number;
  readonly n: number;
}

/** A row of the change feed, as text: type, id, part, n. */
export type ModelChange = string;

/** What a change makes of the rows, and the changes that a feed tells of it; null when nothing is committed. */
export interface Outcome {
  readonly rows: readonly ModelRow[];
  readonly feed: readonly ModelChange[];
}

const fresh = (given: readonly number[]): readonly ModelRow[] => given.map((one) => ({ id: one, part: one % 2, n: 0 }));
const told = (type: string, rows: readonly ModelRow[]): readonly ModelChange[] =>
  rows.map((row) => `${type} ${row.id} ${row.part} ${row.n}`);

/** Applies a change to the model. */
export function applyToModel(rows: readonly ModelRow[], change: Change): Outcome | null {
  const inRange = (row: ModelRow): boolean => "from" in change && row.id >= change.from && row.id <= change.to;
  switch (change.kind) {
    case "append": {
      const added = fresh(change.ids);
      return { rows: [...rows, ...added], feed: told("insert", added) };
    }
    case "delete":
    case "deletePart": {
      const isGone = (row: ModelRow): boolean => (change.kind === "delete" ? inRange(row) : row.part === change.part);
      const gone = rows.filter(isGone);
      return gone.length === 0 ? null : { rows: rows.filter((row) => !isGone(row)), feed: told("delete", gone) };
    }
    case "update": {
      const before = rows.filter(inRange);
      if (before.length === 0) return null;
      const after = before.map((row) => ({ ...row, n: row.n + change.add }));
      return {
        rows: [...rows.filter((row) => !inRange(row)), ...after],
        feed: [...told("update_preimage", before), ...told("update_postimage", after)],
      };
    }
    case "replace": {
      const added = fresh(change.ids);
      return {
        rows: [...rows.filter((row) => !inRange(row)), ...added],
        feed: [...told("delete", rows.filter(inRange)), ...told("insert", added)],
      };
    }
    case "overwrite": {
      const added = fresh(change.ids);
      return { rows: added, feed: [...told("delete", rows), ...told("insert", added)] };
    }
  }
}

const objects = (given: readonly number[]): readonly RowObject[] =>
  given.map((one) => ({ id: BigInt(one), part: one % 2, n: 0n }));

/** Does the same to a table of the columns `id BIGINT, part INT, n BIGINT`. */
export async function applyToTable(table: DeltaTable, change: Change): Promise<void> {
  const where = "from" in change ? `id >= ${change.from} AND id <= ${change.to}` : "";
  switch (change.kind) {
    case "append":
      return void (await table.append(objects(change.ids)));
    case "delete":
      return void (await table.delete(where));
    case "deletePart":
      return void (await table.delete(`part = ${change.part}`));
    case "update":
      return void (await table.update({ where, set: { n: `n + ${change.add}` } }));
    case "replace":
      return void (await table.overwrite(objects(change.ids), { where }));
    case "overwrite":
      return void (await table.overwrite(objects(change.ids)));
  }
}
