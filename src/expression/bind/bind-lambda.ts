// expression/bind/bind-lambda.ts: Spark's functions that take functions: each parameter is bound to what DuckDB's lambda has in its place.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import { elementType, listOf } from "../function/functions-array.ts";
import { meaningError, opaque } from "../tree/bound.ts";
import { lambdaName } from "./name-scope.ts";
import type { Bound } from "../tree/bound.ts";
import type { Syntax } from "../tree/syntax.ts";
import { primitive } from "../tree/syntax.ts";
import type { ValueType } from "../tree/value-type.ts";

type Lambda = Extract<Syntax, { kind: "lambda" }>;

/** What stands for a parameter. */
export interface Parameter {
  readonly sql: string;
  readonly type: ValueType;
}

/** Binds the body of a lambda whose parameters stand for these, in order. */
export type BindBody = (lambda: Lambda, parameters: readonly Parameter[]) => Bound;

interface LambdaCall {
  /** The arguments before the function, bound. */
  readonly args: readonly Bound[];
  readonly lambdas: readonly Lambda[];
  readonly body: BindBody;
}

/** A call whose last arguments are functions. */
export interface FunctionCall {
  /** The arguments before the functions. */
  readonly args: readonly Syntax[];
  /** @throws AlluviumError `INVALID_PREDICATE` */
  readonly bind: (args: readonly Bound[], body: BindBody) => Bound;
}

/** Reads a call as one whose last arguments are functions, or answers undefined. */
export function lambdaCall(node: Extract<Syntax, { kind: "call" }>): FunctionCall | undefined {
  const lambdas = node.args.filter((arg): arg is Lambda => arg.kind === "lambda");
  const word = node.name.toLowerCase();
  const make = lambdas.length > 0 && Object.hasOwn(functions, word) ? functions[word] : undefined;
  if (make === undefined) return undefined;
  const args = node.args.filter((arg) => arg.kind !== "lambda");
  return { args, bind: (bound, body) => make({ args: bound, lambdas, body }) };
}

const functions: Readonly<Record<string, (call: LambdaCall) => Bound>> = {
  transform: (call) =>
    overList(call, (list, run, type) => opaque(`list_transform(${list.sql}, ${run})`, listOf(type), [list])),
  filter: (call) => overList(call, (list, run) => opaque(`list_filter(${list.sql}, ${run})`, list.type, [list])),
  exists: (call) => overList(call, (list, run) => truth("or", list, run)),
  any_match: (call) => overList(call, (list, run) => truth("or", list, run)),
  forall: (call) => overList(call, (list, run) => truth("and", list, run)),
  aggregate: fold,
  reduce: fold,
  zip_with: zipWith,
  array_sort: sortBy,
  map_zip_with: mapZipWith,
  map_filter: (call) =>
    overMap(call, (map, run) =>
      opaque(`map_from_entries(list_filter(map_entries(${map.sql}), ${run}))`, map.type, [map]),
    ),
  transform_values: (call) =>
    overMap(call, (map, run, type) => {
      const keyType = map.type?.kind === "map" ? map.type.keyType : null;
      const sql = `map(map_keys(${map.sql}), list_transform(map_entries(${map.sql}), ${run}))`;
      return opaque(sql, mapOf(keyType, type), [map]);
    }),
  transform_keys: (call) =>
    overMap(call, (map, run, type) => {
      const valueType = map.type?.kind === "map" ? map.type.valueType : null;
      const sql = `map(list_transform(map_entries(${map.sql}), ${run}), map_values(${map.sql}))`;
      return opaque(sql, mapOf(type, valueType), [map]);
    }),
};

const mapOf = (keyType: ValueType, valueType: ValueType): ValueType =>
  keyType === null || valueType === null ? null : { kind: "map", keyType, valueType, valueContainsNull: true };

/** Nothing among nothing: false where one is wanted, true where all are. */
/** True for one, or for all; null where an answer that is null could make it otherwise. */
const truth = (word: "or" | "and", list: Bound, run: string): Bound => {
  const [ofNone, sign] = word === "or" ? ["FALSE", "OR"] : ["TRUE", "AND"];
  const answers = `list_transform(${list.sql}, ${run})`;
  const known = `CASE WHEN list_count(${answers}) = len(${list.sql}) THEN ${ofNone} END`;
  const sql = `(CASE WHEN len(${list.sql}) = 0 THEN ${ofNone} ELSE (list_bool_${word}(${answers}) ${sign} (${known})) END)`;
  return opaque(sql, primitive("boolean"), [list]);
};

type Made = (operand: Bound, run: string, type: ValueType) => Bound;

function first({ args, lambdas }: LambdaCall): { readonly operand: Bound; readonly lambda: Lambda } {
  const [operand, lambda] = [args[0], lambdas[0]];
  if (operand === undefined || lambda === undefined) throw meaningError("a value and a function x -> … are expected");
  return { operand, lambda };
}

// DuckDB would take a column of the same name for the parameter.
const parameterName = (lambda: Lambda, index: number): string => lambdaName(lambda.parameters[index] ?? "");

/** `x -> …`, or `(x, i) -> …` with the place from 0 on. */
function overList(call: LambdaCall, make: Made): Bound {
  const { operand, lambda } = first(call);
  const [x, i] = [parameterName(lambda, 0), parameterName(lambda, 1)];
  const place = { sql: `CAST(${i} - 1 AS INTEGER)`, type: primitive("integer") };
  const bound = call.body(lambda, [{ sql: x, type: elementType(operand.type) }, place]);
  const parameters = lambda.parameters.length > 1 ? `${x}, ${i}` : x;
  return make(operand, `lambda ${parameters}: ${bound.sql}`, bound.type);
}

/** `(k, v) -> …` */
function overMap(call: LambdaCall, make: Made): Bound {
  const { operand, lambda } = first(call);
  const type = operand.type?.kind === "map" ? operand.type : null;
  const bound = call.body(lambda, [
    { sql: "struct_extract(alluvium_entry, 'key')", type: type?.keyType ?? null },
    { sql: "struct_extract(alluvium_entry, 'value')", type: type?.valueType ?? null },
  ]);
  return make(operand, `lambda alluvium_entry: ${bound.sql}`, bound.type);
}

/** `aggregate(list, start, (sum, x) -> …[, sum -> …])` */
function fold({ args: [list, start], lambdas: [merge, finish], body }: LambdaCall): Bound {
  if (list === undefined || start === undefined || merge === undefined)
    throw meaningError("aggregate takes an array, a start and a function (sum, x) -> …");
  const [sum, x] = [parameterName(merge, 0), parameterName(merge, 1)];
  const merged = body(merge, [
    { sql: sum, type: start.type },
    { sql: x, type: elementType(list.type) },
  ]);
  const cast = (sql: string): string => (start.type === null ? sql : `CAST(${sql} AS ${duckdbType(start.type)})`);
  const total = `list_reduce(${list.sql}, lambda ${sum}, ${x}: ${cast(merged.sql)}, ${cast(start.sql)})`;
  if (finish === undefined) return opaque(total, start.type, [list, start]);
  const end = body(finish, [{ sql: parameterName(finish, 0), type: start.type }]);
  const sql = `list_extract(list_transform([${total}], lambda ${parameterName(finish, 0)}: ${end.sql}), 1)`;
  return opaque(sql, end.type, [list, start]);
}

/** `zip_with(a, b, (x, y) -> …)`; the shorter list is filled with nulls. */
function zipWith({ args: [a, b], lambdas: [lambda], body }: LambdaCall): Bound {
  if (a === undefined || b === undefined || lambda === undefined)
    throw meaningError("zip_with takes two arrays and a function (x, y) -> …");
  const bound = body(lambda, [
    { sql: "struct_extract(alluvium_pair, 1)", type: elementType(a.type) },
    { sql: "struct_extract(alluvium_pair, 2)", type: elementType(b.type) },
  ]);
  // DuckDB zips a null as an empty list.
  const zipped = `CASE WHEN ${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL THEN list_zip(${a.sql}, ${b.sql}) END`;
  return opaque(`list_transform(${zipped}, lambda alluvium_pair: ${bound.sql})`, listOf(bound.type), [a, b]);
}

/** `array_sort(list, (x, y) -> …)`: each element goes behind those that the function puts before it, equal ones as they stood. */
function sortBy({ args: [list], lambdas: [lambda], body }: LambdaCall): Bound {
  if (list === undefined || lambda?.parameters.length !== 2)
    throw meaningError("array_sort takes an array and a function (x, y) -> …");
  const type = elementType(list.type);
  const bound = body(lambda, [
    { sql: "alluvium_other", type },
    { sql: "alluvium_own", type },
  ]);
  const wrong = "error('COMPARATOR_RETURNS_NULL: the function of array_sort gives null; say where nulls go')";
  const isBefore = `CASE WHEN ${bound.sql} < 0 THEN TRUE WHEN ${bound.sql} > 0 THEN FALSE WHEN ${bound.sql} = 0 THEN alluvium_j < alluvium_i ELSE ${wrong} END`;
  const place = `len(list_filter(${list.sql}, lambda alluvium_other, alluvium_j: alluvium_i <> alluvium_j AND (${isBefore})))`;
  const placed = `list_transform(${list.sql}, lambda alluvium_own, alluvium_i: struct_pack(p := ${place}, v := alluvium_own))`;
  const sql = `list_transform(list_sort(${placed}), lambda alluvium_e: struct_extract(alluvium_e, 'v'))`;
  return opaque(sql, list.type, [list]);
}

/** `map_zip_with(a, b, (k, v, w) -> …)`: the keys of both; a value that one of them lacks is null. */
function mapZipWith({ args: [a, b], lambdas: [lambda], body }: LambdaCall): Bound {
  if (a === undefined || b === undefined || lambda === undefined)
    throw meaningError("map_zip_with takes two maps and a function (key, a, b) -> …");
  const [left, right] = [a, b].map(({ type }) => (type?.kind === "map" ? type : null));
  const key = parameterName(lambda, 0);
  const bound = body(lambda, [
    { sql: key, type: left?.keyType ?? null },
    { sql: `map_extract_value(${a.sql}, ${key})`, type: left?.valueType ?? null },
    { sql: `map_extract_value(${b.sql}, ${key})`, type: right?.valueType ?? null },
  ]);
  const more = `list_filter(map_keys(${b.sql}), lambda alluvium_k: NOT list_contains(map_keys(${a.sql}), alluvium_k))`;
  const keys = `(map_keys(${a.sql}) || ${more})`;
  const sql = `(CASE WHEN ${a.sql} IS NOT NULL AND ${b.sql} IS NOT NULL THEN map(${keys}, list_transform(${keys}, lambda ${key}: ${bound.sql})) END)`;
  return opaque(sql, mapOf(left?.keyType ?? null, bound.type), [a, b]);
}
