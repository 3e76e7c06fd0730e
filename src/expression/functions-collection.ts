// expression/functions-collection.ts: Spark's functions of arrays, maps and structs.
import { sqlIdentifier } from "../engine/sql-quote.ts";
import type { DataType } from "../format/schema.ts";
import { meaningError, opaque, textOf } from "./bound.ts";
import type { Bound } from "./bound.ts";
import { argument, fixed, likeFirst, many, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "./syntax.ts";
import type { ValueType } from "./value-type.ts";

const integer = primitive("integer");
const boolean = primitive("boolean");

const elementType = (type: ValueType): ValueType => (type?.kind === "array" ? type.elementType : null);

const listOf = (type: ValueType): ValueType =>
  type === null ? null : { kind: "array", elementType: type, containsNull: true };

/** How many; in Spark's ANSI mode null for null. */
const size: FunctionSpec = spec(1, (args) => {
  const operand = argument(args, 0);
  const name = operand.type?.kind === "map" ? "cardinality" : "len";
  return opaque(`CAST(${name}(${operand.sql}) AS INTEGER)`, integer, args);
});

/** Counts from 1, from the end when negative; the value of a key for a map. */
const elementAt: FunctionSpec = spec(2, (args) => {
  const [operand, index] = [argument(args, 0), argument(args, 1)];
  if (operand.type?.kind === "map")
    return opaque(`map_extract_value(${operand.sql}, ${index.sql})`, operand.type.valueType, args);
  return opaque(`list_extract(${operand.sql}, ${index.sql})`, elementType(operand.type), args);
});

const arrayOf: FunctionSpec = spec([0, many], (args) =>
  opaque(`[${args.map((arg) => arg.sql).join(", ")}]`, listOf(args[0]?.type ?? null), args),
);

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

/** By their names in lower case. */
export const collectionFunctions: FunctionTable = {
  size,
  cardinality: size,
  array_size: size,
  element_at: elementAt,
  get: spec(2, (args) =>
    opaque(
      `list_extract(${argument(args, 0).sql}, CAST(${argument(args, 1).sql} AS BIGINT) + 1)`,
      elementType(argument(args, 0).type),
      args,
    ),
  ),
  array: arrayOf,
  map: mapOf,
  // A row in brackets: its fields have places, no names.
  row: spec([2, many], (args) => opaque(`row(${args.map((arg) => arg.sql).join(", ")})`, null, args)),
  named_struct: namedStruct,
  array_contains: fixed(boolean, { count: 2, sql: ([a, b]) => `list_contains(${a}, ${b})` }),
  array_position: fixed(primitive("long"), { count: 2, sql: ([a, b]) => `coalesce(list_position(${a}, ${b}), 0)` }),
  arrays_overlap: fixed(boolean, { count: 2, sql: ([a, b]) => `list_has_any(${a}, ${b})` }),
  array_distinct: likeFirst(1, ([a]) => `list_distinct(${a})`),
  array_min: spec(1, (args) => opaque(`list_min(${argument(args, 0).sql})`, elementType(argument(args, 0).type), args)),
  array_max: spec(1, (args) => opaque(`list_max(${argument(args, 0).sql})`, elementType(argument(args, 0).type), args)),
  array_join: fixed(primitive("string"), { count: 2, sql: ([a, b]) => `array_to_string(${a}, ${b})` }),
  sort_array: likeFirst(
    [1, 2],
    ([a, b]) => `list_sort(${a}, CASE WHEN ${b === "NULL" ? "TRUE" : b} THEN 'ASC' ELSE 'DESC' END)`,
  ),
  slice: likeFirst(3, ([a, b, c]) => `list_slice(${a}, ${b}, ${b} + ${c} - 1)`),
  flatten: spec(1, (args) => opaque(`flatten(${argument(args, 0).sql})`, elementType(argument(args, 0).type), args)),
  map_contains_key: fixed(boolean, { count: 2, sql: ([a, b]) => `map_contains(${a}, ${b})` }),
  map_keys: spec(1, (args) => {
    const { type, sql } = argument(args, 0);
    return opaque(`map_keys(${sql})`, listOf(type?.kind === "map" ? type.keyType : null), args);
  }),
  map_values: spec(1, (args) => {
    const { type, sql } = argument(args, 0);
    return opaque(`map_values(${sql})`, listOf(type?.kind === "map" ? type.valueType : null), args);
  }),
  transform: spec(2, (args) =>
    opaque(`list_transform(${argument(args, 0).sql}, ${argument(args, 1).sql})`, listOf(argument(args, 1).type), args),
  ),
  filter: likeFirst(2, ([a, b]) => `list_filter(${a}, ${b})`),
  exists: spec(2, (args) =>
    opaque(`list_bool_or(list_transform(${argument(args, 0).sql}, ${argument(args, 1).sql}))`, boolean, args),
  ),
  forall: spec(2, (args) =>
    opaque(`list_bool_and(list_transform(${argument(args, 0).sql}, ${argument(args, 1).sql}))`, boolean, args),
  ),
};
