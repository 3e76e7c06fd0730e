// expression/function/functions-collection.ts: Spark's functions of maps and structs.
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { meaningError, opaque, textOf } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { elementType, listOf } from "./functions-array.ts";
import { argument, fixed, many, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import type { ValueType } from "../tree/value-type.ts";

const boolean = primitive("boolean");

/** `map(k1, v1, k2, v2, …)`. */
const mapOf: FunctionSpec = spec([2, many], (args) => {
  if (args.length % 2 !== 0) throw meaningError("map takes keys and values in turn");
  const side = (odd: number): string =>
    args
      .filter((_, index) => index % 2 === odd)
      .map((arg) => arg.sql)
      .join(", ");
  const [keyType, valueType] = [args[0]?.type ?? null, args[1]?.type ?? null];
  const type: DataType | null =
    keyType === null || valueType === null ? null : { kind: "map", keyType, valueType, valueContainsNull: true };
  return opaque(`map([${side(0)}], [${side(1)}])`, type, args);
});

function structOf(entries: readonly { readonly name: string; readonly value: Bound }[]): Bound {
  const sql = entries.map(({ name, value }) => `${sqlIdentifier(name)} := ${value.sql}`).join(", ");
  const fields = entries.flatMap(({ name, value }) =>
    value.type === null ? [] : [{ name, type: value.type, nullable: true, metadata: {} }],
  );
  const type: DataType | null = fields.length === entries.length ? { kind: "struct", fields } : null;
  return opaque(
    `struct_pack(${sql})`,
    type,
    entries.map(({ value }) => value),
  );
}

const namedStruct: FunctionSpec = spec([2, many], (args) => {
  const entries: { name: string; value: Bound }[] = [];
  for (let index = 0; index < args.length; index += 2) {
    const name = textOf(args[index]);
    if (name === undefined) throw meaningError("named_struct takes names in quotes and values in turn");
    entries.push({ name, value: argument(args, index + 1) });
  }
  return structOf(entries);
});

/** Elements side by side; shorter lists are filled with nulls. A column names its field, anything else its place. */
const arraysZip: FunctionSpec = spec([1, many], (args) => {
  const entries = args.map((arg, index) => {
    const name = arg.shape.kind === "column" ? (arg.shape.path.at(-1) ?? "") : String(index);
    return { name, value: opaque(`list_extract(${arg.sql}, alluvium_i)`, elementType(arg.type), [arg]) };
  });
  const row = structOf(entries);
  const size = `greatest(${args.map((arg) => `len(${arg.sql})`).join(", ")})`;
  const isThere = args.map((arg) => `(${arg.sql} IS NOT NULL)`).join(" AND ");
  const sql = `list_transform(range(1, ${size} + 1), lambda alluvium_i: ${row.sql})`;
  return opaque(`(CASE WHEN ${isThere} THEN ${sql} END)`, listOf(row.type), args);
});

/** The entries of all maps. No key may come twice, as in a map that is written out. */
const mapConcat: FunctionSpec = spec([1, many], (args) => {
  const entries = args.map((arg) => `map_entries(${arg.sql})`).join(" || ");
  return opaque(`map_from_entries(${entries})`, argument(args, 0).type, args);
});

/** By their names in lower case. */
export const collectionFunctions: FunctionTable = {
  map: mapOf,
  map_concat: mapConcat,
  arrays_zip: arraysZip,
  // A row in brackets: its fields have places, no names.
  row: spec([2, many], (args) => opaque(`row(${args.map((arg) => arg.sql).join(", ")})`, null, args)),
  named_struct: namedStruct,
  map_contains_key: fixed(boolean, { count: 2, sql: ([a, b]) => `map_contains(${a}, ${b})` }),
  map_keys: spec(1, (args) => {
    const { type, sql } = argument(args, 0);
    return opaque(`map_keys(${sql})`, listOf(type?.kind === "map" ? type.keyType : null), args);
  }),
  map_values: spec(1, (args) => {
    const { type, sql } = argument(args, 0);
    return opaque(`map_values(${sql})`, listOf(type?.kind === "map" ? type.valueType : null), args);
  }),
  map_from_arrays: spec(2, (args) => {
    const [keys, values] = [argument(args, 0), argument(args, 1)];
    const [keyType, valueType] = [elementType(keys.type), elementType(values.type)];
    const type: ValueType =
      keyType === null || valueType === null ? null : { kind: "map", keyType, valueType, valueContainsNull: true };
    return opaque(`map(${keys.sql}, ${values.sql})`, type, args);
  }),
};
