// expression/function/functions-array.ts: Spark's functions of arrays: elements that are asked for must be there, order and nulls are kept.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { argument, fixed, inType, likeFirst, many, spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { finalError, literalOf, meaningError, opaque } from "../tree/bound.ts";
import { isNested, orderKey } from "../operator/compare-nested.ts";
import type { Bound } from "../tree/bound.ts";
import { primitive } from "../tree/syntax.ts";
import { commonType, integralNames, isOneOf, typeName } from "../tree/value-type.ts";
import type { ValueType } from "../tree/value-type.ts";

const integer = primitive("integer");
const boolean = primitive("boolean");
const string = primitive("string");

/** The type of an array's elements, null when it is not known. */
export const elementType = (type: ValueType): ValueType => (type?.kind === "array" ? type.elementType : null);

/** An array of elements of this type, null when it is not known. */
export const listOf = (type: ValueType): ValueType =>
  type === null ? null : { kind: "array", elementType: type, containsNull: true };

/** The element at `place`, counted from 1 and from the end when negative. One that is not there is an error, as in Spark. */
export function elementOf(list: Bound, place: string, parts: readonly Bound[]): Bound {
  const wrong = `error('INVALID_ARRAY_INDEX: the array has no element at this index; try_element_at() and get() give null instead')`;
  const isThere = `abs(${place}) BETWEEN 1 AND len(${list.sql})`;
  const sql = `(CASE WHEN ${isThere} THEN list_extract(${list.sql}, ${place}) WHEN NOT (${isThere}) THEN ${wrong} END)`;
  return opaque(sql, elementType(list.type), parts);
}

const elementAt: FunctionSpec = spec(2, (args) => {
  const [operand, index] = [argument(args, 0), argument(args, 1)];
  if (operand.type?.kind === "map")
    return opaque(`map_extract_value(${operand.sql}, ${index.sql})`, operand.type.valueType, args);
  return elementOf(operand, `CAST(${index.sql} AS BIGINT)`, args);
});

const tryElementAt: FunctionSpec = spec(2, (args) => {
  const [operand, index] = [argument(args, 0), argument(args, 1)];
  if (operand.type?.kind === "map")
    return opaque(`map_extract_value(${operand.sql}, ${index.sql})`, operand.type.valueType, args);
  return opaque(`list_extract(${operand.sql}, ${index.sql})`, elementType(operand.type), args);
});

const arrayOf: FunctionSpec = spec([0, many], (args) => {
  const type = args
    .map((arg) => arg.type)
    .reduce<ValueType>((a, b) => {
      const common = commonType(a, b);
      return common === "none" ? null : common;
    }, args[0]?.type ?? null);
  return opaque(`[${args.map((arg) => inType(arg, type).sql).join(", ")}]`, listOf(type), args);
});

/** True where a list holds a null. */
const holdsNull = (list: string): string => `list_count(${list}) < len(${list})`;

/** First of its kind, in order. */
const distinct = (list: string): string =>
  `list_filter(${list}, lambda alluvium_x, alluvium_i: list_position(${list}, alluvium_x) = alluvium_i)`;

const contains = (list: string, value: string): string =>
  `(CASE WHEN ${list} IS NULL OR ${value} IS NULL THEN NULL WHEN list_contains(${list}, ${value}) THEN TRUE WHEN ${holdsNull(list)} THEN NULL ELSE FALSE END)`;

const overlap = (a: string, b: string): string =>
  `(CASE WHEN list_has_any(${a}, ${b}) THEN TRUE WHEN len(${a}) > 0 AND len(${b}) > 0 AND (${holdsNull(a)} OR ${holdsNull(b)}) THEN NULL WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN FALSE END)`;

/** `sequence(from, to[, step])`, both ends included; whole numbers keep their type, dates may step by an interval. */
const sequence: FunctionSpec = spec([2, 3], (args) => {
  const [from, to] = [argument(args, 0), argument(args, 1)];
  const isNumber = isOneOf(from.type, integralNames);
  const one = isNumber ? "1" : "INTERVAL '1' DAY";
  const step = args[2]?.sql ?? `(CASE WHEN ${from.sql} <= ${to.sql} THEN ${one} ELSE -(${one}) END)`;
  const type = isNumber && isOneOf(to.type, integralNames) ? commonType(from.type, to.type) : from.type;
  const list = listOf(type === "none" ? null : type);
  const name = isOneOf(from.type, ["integer"]) ? "INTEGER[]" : isOneOf(from.type, ["date"]) ? "DATE[]" : null;
  const series = `generate_series(${from.sql}, ${to.sql}, ${step})`;
  const sql = isNumber || args[2] === undefined ? series : steps(series, [from.sql, to.sql, step]);
  return opaque(name === null ? sql : `CAST(${sql} AS ${name})`, list, args);
});

/** Each step counts from the first value: a month after the end of January is the end of February, and two are that of March. */
function steps(series: string, [from, to, step]: readonly [string, string, string]): string {
  const values = `list_transform(generate_series(0, len(${series})), lambda alluvium_i: ${from} + alluvium_i * ${step})`;
  return `list_filter(${values}, lambda alluvium_x: CASE WHEN ${from} <= ${to} THEN alluvium_x <= ${to} ELSE alluvium_x >= ${to} END)`;
}

const slice: FunctionSpec = likeFirst(3, ([a, b, c]) => {
  const last = `(CASE WHEN ${b} < 0 THEN len(${a}) + ${b} + 1 ELSE ${b} END)`;
  return `(CASE WHEN ${b} = 0 THEN error('INVALID_PARAMETER_VALUE.START: slice counts from 1') WHEN ${last} < 1 THEN list_slice(${a}, 1, 0) ELSE list_slice(${a}, ${last}, ${last} + ${c} - 1) END)`;
});

/** A value put in at a place from 1 on; the gap behind a shorter array is filled with nulls. */
const insert: FunctionSpec = spec(3, (args) => {
  const [list, place, value] = [argument(args, 0), argument(args, 1), argument(args, 2)];
  const literal = literalOf(place);
  if (literal?.type !== "integer" || literal.value < 1n)
    throw meaningError("array_insert takes a place from 1 on, as a number");
  const before = Number(literal.value) - 1;
  const head = `list_resize(list_slice(${list.sql}, 1, ${before}), ${before})`;
  return opaque(
    `(${head} || [${value.sql}] || list_slice(${list.sql}, ${before + 1}, len(${list.sql})))`,
    list.type,
    args,
  );
});

/** In order; structs and arrays by keys that have nulls where Spark has them. */
function sortedList({ sql, type }: Bound, order: string): string {
  const element = elementType(type);
  if (!isNested(element)) return `list_sort(${sql}, ${order})`;
  const key = `CASE WHEN alluvium_x IS NOT NULL THEN ${orderKey("alluvium_x", element)} END`;
  // A pair is never null: its first field says where the nulls go.
  const keyed = `list_transform(${sql}, lambda alluvium_x: struct_pack(n := ${order === "'ASC', 'NULLS LAST'" ? "NOT " : ""}alluvium_x IS NOT NULL, k := ${key}, v := alluvium_x))`;
  return `list_transform(list_sort(${keyed}, ${order}), lambda alluvium_x: struct_extract(alluvium_x, 'v'))`;
}

/** How many; null for null. */
const size: FunctionSpec = spec(1, (args) => {
  const operand = argument(args, 0);
  const name = operand.type?.kind === "map" ? "cardinality" : "len";
  return opaque(`CAST(${name}(${operand.sql}) AS INTEGER)`, integer, args);
});

const element = (name: string): FunctionSpec =>
  spec(1, (args) => opaque(`${name}(${argument(args, 0).sql})`, elementType(argument(args, 0).type), args));

/** By their names in lower case. */
export const arrayFunctions: FunctionTable = {
  size,
  cardinality: size,
  array_size: size,
  element_at: elementAt,
  try_element_at: tryElementAt,
  get: spec(2, (args) => {
    const [list, index] = [argument(args, 0), argument(args, 1)];
    const sql = `(CASE WHEN ${index.sql} >= 0 THEN list_extract(${list.sql}, CAST(${index.sql} AS BIGINT) + 1) END)`;
    return opaque(sql, elementType(list.type), args);
  }),
  array: arrayOf,
  array_contains: spec(2, (args) => {
    const [list, value] = [argument(args, 0), argument(args, 1)];
    if (commonType(elementType(list.type), value.type) === "none")
      throw finalError(
        `array_contains looks for a value of the array's type, not for ${typeName(value.type)} in ${typeName(list.type)}`,
        "DATATYPE_MISMATCH",
      );
    return opaque(contains(list.sql, value.sql), boolean, args);
  }),
  array_position: fixed(primitive("long"), {
    count: 2,
    sql: ([a, b]) =>
      `(CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN coalesce(list_position(${a}, ${b}), 0) END)`,
  }),
  arrays_overlap: fixed(boolean, { count: 2, sql: ([a, b]) => overlap(a, b) }),
  array_distinct: likeFirst(1, ([a]) => distinct(a)),
  array_union: likeFirst(2, ([a, b]) => distinct(`(${a} || ${b})`)),
  array_intersect: likeFirst(
    2,
    ([a, b]) => `list_filter(${distinct(a)}, lambda alluvium_y: list_position(${b}, alluvium_y) > 0)`,
  ),
  array_except: likeFirst(
    2,
    ([a, b]) =>
      `(CASE WHEN ${b} IS NOT NULL THEN list_filter(${distinct(a)}, lambda alluvium_y: coalesce(list_position(${b}, alluvium_y), 0) = 0) END)`,
  ),
  array_remove: likeFirst(
    2,
    ([a, b]) =>
      `(CASE WHEN ${b} IS NOT NULL THEN list_filter(${a}, lambda alluvium_x: alluvium_x IS DISTINCT FROM ${b}) END)`,
  ),
  array_compact: likeFirst(1, ([a]) => `list_filter(${a}, lambda alluvium_x: alluvium_x IS NOT NULL)`),
  array_append: likeFirst(2, ([a, b]) => `(CASE WHEN ${a} IS NOT NULL THEN list_append(${a}, ${b}) END)`),
  array_prepend: likeFirst(2, ([a, b]) => `(CASE WHEN ${a} IS NOT NULL THEN list_prepend(${b}, ${a}) END)`),
  array_insert: insert,
  array_repeat: spec(2, (args) => {
    const [value, count] = [argument(args, 0), argument(args, 1)];
    return opaque(
      `list_transform(range(greatest(0, ${count.sql})), lambda alluvium_x: ${value.sql})`,
      listOf(value.type),
      args,
    );
  }),
  array_min: element("list_min"),
  array_max: element("list_max"),
  flatten: spec(1, (args) => {
    const list = argument(args, 0);
    const sql = `(CASE WHEN NOT (${holdsNull(list.sql)}) THEN flatten(${list.sql}) END)`;
    return opaque(sql, elementType(list.type), args);
  }),
  array_join: fixed(string, {
    count: [2, 3],
    sql: ([a, b, c]) =>
      c === "NULL"
        ? `(CASE WHEN ${a} IS NOT NULL AND ${b} IS NOT NULL THEN coalesce(array_to_string(${a}, ${b}), '') END)`
        : `array_to_string(list_transform(${a}, lambda alluvium_x: coalesce(CAST(alluvium_x AS VARCHAR), ${c})), ${b})`,
  }),
  array_sort: spec(1, (args) => {
    const list = argument(args, 0);
    return opaque(sortedList(list, "'ASC', 'NULLS LAST'"), list.type, args);
  }),
  sort_array: spec([1, 2], (args) => {
    const list = argument(args, 0);
    const rising = sortedList(list, "'ASC', 'NULLS FIRST'");
    const falling = sortedList(list, "'DESC', 'NULLS LAST'");
    const sql = args[1] === undefined ? rising : `(CASE WHEN ${args[1].sql} THEN ${rising} ELSE ${falling} END)`;
    return opaque(sql, list.type, args);
  }),
  slice,
  sequence,
  shuffle: likeFirst(1, ([a]) => {
    const drawn = `list_transform(${a}, lambda alluvium_x: struct_pack(r := random(), v := alluvium_x))`;
    return `list_transform(list_sort(${drawn}), lambda alluvium_x: struct_extract(alluvium_x, 'v'))`;
  }),
  find_in_set: fixed(integer, {
    count: 2,
    sql: ([a, b]) =>
      `(CASE WHEN ${a} IS NULL OR ${b} IS NULL THEN NULL WHEN contains(${a}, ',') THEN 0 ELSE coalesce(list_position(string_split(${b}, ','), ${a}), 0) END)`,
  }),
  substring_index: fixed(string, {
    count: 3,
    sql: ([a, b, c]) => {
      const parts = `string_split(${a}, ${b})`;
      const kept = `CASE WHEN ${c} >= 0 THEN list_slice(${parts}, 1, ${c}) ELSE list_slice(${parts}, greatest(1, len(${parts}) + ${c} + 1), len(${parts})) END`;
      return `(CASE WHEN ${b} = ${sqlLiteral("")} OR ${c} = 0 THEN '' ELSE array_to_string(${kept}, ${b}) END)`;
    },
  }),
  str_to_map: fixed(
    { kind: "map", keyType: string, valueType: string, valueContainsNull: true },
    {
      count: [1, 3],
      sql: ([a, b, c]) => {
        const [pair, entry] = [b === "NULL" ? "','" : b, c === "NULL" ? "':'" : c];
        const value = `CASE WHEN contains(alluvium_p, ${entry}) THEN substring(alluvium_p, instr(alluvium_p, ${entry}) + length(${entry})) END`;
        return `map_from_entries(list_transform(string_split(${a}, ${pair}), lambda alluvium_p: struct_pack(key := split_part(alluvium_p, ${entry}, 1), value := ${value})))`;
      },
    },
  ),
};
