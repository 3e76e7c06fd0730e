// sql/translate/query-scope.ts: names in a query whose tables are known, or not yet. A type is given only where it is certain.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { Bound } from "../../expression/tree/bound.ts";
import { type NamedFunctions, type NameScope, bindField } from "../../expression/bind/name-scope.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import { formatType } from "../../format/schema/schema-type.ts";

/**
 * Spells names as they are; a column has a type where all tables of the query that have it agree, and the query itself gives
 * nothing else that name.
 * @param aliases names that the query gives, in lower case
 * @param functions that the user registered
 * @param late where calls wait for types that DuckDB will tell
 */
export function queryScope(
  tables: readonly StructType[],
  aliases: ReadonlySet<string>,
  { functions, late }: Required<Pick<NameScope, "late">> & { readonly functions: NamedFunctions },
): NameScope {
  const types = new Map<string, DataType | null>();
  const spellings = new Set(tables.flatMap((table) => table.fields).map((field) => field.name));
  for (const field of tables.flatMap((table) => table.fields)) {
    const name = field.name.toLowerCase();
    const known = types.get(name);
    const agrees = known === undefined || (known !== null && formatType(known) === formatType(field.type));
    types.set(name, agrees && !aliases.has(name) ? field.type : null);
  }
  return {
    functions,
    late,
    spells: (name) => spellings.has(name) || (!types.has(name.toLowerCase()) && !aliases.has(name.toLowerCase())),
    has: (name) => types.has(name.toLowerCase()) || aliases.has(name.toLowerCase()),
    resolve(parts) {
      const sql = parts.map(sqlIdentifier).join(".");
      const names = parts.map((part) => part.toLowerCase());
      // `a.b` is a column of a table a, unless a is a column itself: then b is a field of it.
      const nested = fieldsWithin(parts, types);
      if (nested !== null) return nested;
      const isColumn = names.length === 1 || (names.length === 2 && !types.has(names[0] ?? ""));
      const type = isColumn ? (types.get(names.at(-1) ?? "") ?? null) : null;
      return { sql, type, shape: { kind: "column", path: parts } };
    },
  };
}

/** Fields of the elements of an array, and values of a map, which DuckDB reaches by no dot; null for any other name. */
function fieldsWithin(parts: readonly string[], types: ReadonlyMap<string, DataType | null>): Bound | null {
  const from = types.has((parts[0] ?? "").toLowerCase()) ? 1 : 2;
  const type = types.get((parts[from - 1] ?? "").toLowerCase()) ?? null;
  if (parts.length <= from || (type?.kind !== "array" && type?.kind !== "map")) return null;
  const column: Bound = {
    sql: parts.slice(0, from).map(sqlIdentifier).join("."),
    type,
    shape: { kind: "column", path: parts.slice(0, from) },
  };
  return parts.slice(from).reduce(bindField, column);
}
