// table/merge/merge-names.ts: names in the expressions of a merge. In its relations the columns of the target are t0, t1, …, those of the
// source s0, s1, …, so that no two are mixed up.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { Bound } from "../../expression/tree/bound.ts";
import { meaningError } from "../../expression/tree/bound.ts";
import { type NameScope, bindField, columnNotFound } from "../../expression/bind/name-scope.ts";
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { StructType } from "../../format/schema/schema.ts";

/** One side of a merge. */
export interface MergeSide {
  readonly alias: string;
  readonly schema: StructType;
  /** Of its columns in relations. */
  readonly letter: "s" | "t";
}

/** Column `index` of a side. */
export const sideColumn = ({ letter }: Pick<MergeSide, "letter">, index: number): string => `${letter}${index}`;

/** SELECT list that gives the columns of a side their names in relations. */
export function sideColumns(side: MergeSide): readonly string[] {
  return side.schema.fields.map(({ name }, index) => `${sqlIdentifier(name)} AS ${sideColumn(side, index)}`);
}

/** A relation of no rows with the columns of the sides, to ask for types. */
export function emptySides(sides: readonly MergeSide[]): string {
  const nulls = sides.flatMap((side) =>
    side.schema.fields.map(({ type }, index) => `CAST(NULL AS ${duckdbType(type)}) AS ${sideColumn(side, index)}`),
  );
  return `(SELECT ${nulls.join(", ")})`;
}

/** Names of the sides that can be seen; with one side only, none of the other. */
export function mergeScope(sides: readonly MergeSide[]): NameScope {
  const find = (side: MergeSide, name: string): Bound | null => {
    const index = side.schema.fields.findIndex((field) => field.name.toLowerCase() === name.toLowerCase());
    const field = side.schema.fields[index];
    if (field === undefined) return null;
    const sql = sideColumn(side, index);
    return { sql, type: field.type, shape: { kind: "column", path: [sql] } };
  };
  return {
    has: (name) => sides.some((side) => find(side, name) !== null),
    resolve(parts) {
      const [first = "", second, ...rest] = parts;
      const named = sides.find((side) => side.alias.toLowerCase() === first.toLowerCase());
      if (named !== undefined && second !== undefined) {
        const column = find(named, second);
        if (column === null) throw columnNotFound(second, named.schema.fields);
        return rest.reduce((value, name) => bindField(value, name), column);
      }
      const found = sides.flatMap((side) => find(side, first) ?? []);
      const [column] = found;
      if (column === undefined)
        throw columnNotFound(
          first,
          sides.flatMap((side) => side.schema.fields),
        );
      if (found.length > 1)
        throw meaningError(
          `${first} is a column of both sides; write ${sides.map((side) => `${side.alias}.${first}`).join(" or ")}`,
        );
      return parts.slice(1).reduce((value, name) => bindField(value, name), column);
    },
  };
}
