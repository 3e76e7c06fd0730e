// expression/bind/name-scope.ts: what a name in an expression stands for. Names compare without regard to case.
import { sqlIdentifier, sqlLiteral } from "../../engine/base/sql-quote.ts";
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import { opaque } from "../tree/bound.ts";
import type { LateCalls } from "./late-binding.ts";
import type { Bound } from "../tree/bound.ts";
import type { ValueType } from "../tree/value-type.ts";
import { typeName } from "../tree/value-type.ts";

/** A function that the user registered. */
export interface NamedFunction {
  /** What SQL calls it. */
  readonly sqlName: string;
  readonly returnType: DataType;
}

/** Functions that the user registered, by name in lower case. */
export type NamedFunctions = ReadonlyMap<string, NamedFunction>;

/** Looks up names. */
export interface NameScope {
  /** @throws AlluviumError `COLUMN_NOT_FOUND` with the columns that there are */
  resolve(parts: readonly string[]): Bound;
  /** True when there may be a column of this name: it comes before a function called without parentheses. Spark's current_date. */
  has?(name: string): boolean;
  /** False for a column that is written in other letters than it has: a result is called as it is written. */
  spells?(name: string): boolean;
  /** `struct(*)`, where all columns are known. */
  row?(): Bound;
  /** They come before functions of Spark and DuckDB. */
  readonly functions?: NamedFunctions | undefined;
  /** Where calls wait that have arguments of unknown types; without it they are bound as they are. */
  readonly late?: LateCalls;
}

/**
 * The columns of a schema. Fields of structs are spelled `"a"."b"` when `isDotted`, so that DuckDB names the result `b`;
 * else in the form that no name of a table can be mixed up with.
 */
export function schemaScope(schema: StructType, isDotted = false, functions?: NamedFunctions): NameScope {
  const byName = new Map(schema.fields.map((field) => [field.name.toLowerCase(), field]));
  return {
    functions,
    has: (name) => byName.has(name.toLowerCase()),
    row() {
      const values = schema.fields.map(({ name }) => `${sqlIdentifier(name)} := ${sqlIdentifier(name)}`);
      const columns = schema.fields.map(({ name }) => [name]);
      return { sql: `struct_pack(${values.join(", ")})`, type: schema, shape: { kind: "opaque", columns } };
    },
    resolve(parts) {
      const [first = "", ...rest] = parts;
      const field = byName.get(first.toLowerCase());
      if (field === undefined) throw columnNotFound(first, schema.fields);
      const column: Bound = {
        sql: sqlIdentifier(field.name),
        type: field.type,
        shape: { kind: "column", path: [field.name] },
      };
      const bound = rest.reduce((value, name) => bindField(value, name), column);
      const { shape } = bound;
      return isDotted && shape.kind === "column" ? { ...bound, sql: shape.path.map(sqlIdentifier).join(".") } : bound;
    },
  };
}

/** Names are taken as they are; DuckDB will know them. */
export const openScope: NameScope = {
  resolve(parts) {
    return { sql: parts.map(sqlIdentifier).join("."), type: null, shape: { kind: "column", path: parts } };
  },
};

/** A parameter of a lambda as DuckDB reads it: a name that no column has, for a column would hide it. */
export function lambdaName(name: string): string {
  return sqlIdentifier(`alluvium_${name}`);
}

/** A name and what it stands for. */
export interface NamedValue {
  readonly name: string;
  readonly sql: string;
  readonly type: ValueType;
}

/** A scope in which the parameters of a lambda hide everything else of their name. */
export function lambdaScope(outer: NameScope, parameters: readonly NamedValue[]): NameScope {
  const known = new Map(parameters.map((parameter) => [parameter.name.toLowerCase(), parameter]));
  return {
    functions: outer.functions,
    has: (name) => known.has(name.toLowerCase()) || outer.has?.(name) === true,
    resolve(parts) {
      const [first = "", ...rest] = parts;
      const parameter = known.get(first.toLowerCase());
      if (parameter === undefined) return outer.resolve(parts);
      return rest.reduce((bound, name) => bindField(bound, name), opaque(parameter.sql, parameter.type, []));
    },
  };
}

/**
 * `bound.name`: a field of a struct, that field of each element of a list, or the value of a key of a map.
 * @throws AlluviumError `COLUMN_NOT_FOUND` when there is no such field
 */
export function bindField(bound: Bound, name: string): Bound {
  const { type } = bound;
  if (type === null) return { ...opaque(`(${bound.sql}).${sqlIdentifier(name)}`, null, [bound]) };
  if (type.kind === "struct") {
    const field = fieldNamed(type, name);
    const sql = `struct_extract(${bound.sql}, ${sqlLiteral(field.name)})`;
    const shape =
      bound.shape.kind === "column"
        ? { kind: "column" as const, path: [...bound.shape.path, field.name] }
        : bound.shape;
    return bound.shape.kind === "column" ? { sql, type: field.type, shape } : opaque(sql, field.type, [bound]);
  }
  if (type.kind === "array" && type.elementType.kind === "struct") {
    const field = fieldNamed(type.elementType, name);
    const sql = `list_transform(${bound.sql}, lambda alluvium_e: struct_extract(alluvium_e, ${sqlLiteral(field.name)}))`;
    return opaque(sql, { kind: "array", elementType: field.type, containsNull: true }, [bound]);
  }
  if (type.kind === "map")
    return opaque(`map_extract_value(${bound.sql}, ${sqlLiteral(name)})`, type.valueType, [bound]);
  throw new AlluviumError(
    "COLUMN_NOT_FOUND",
    { column: name },
    `there is no field ${JSON.stringify(name)} in a value of type ${typeName(type)}`,
  );
}

/** An error that lists what there is. `columns` are those of the table or of the struct. */
export function columnNotFound(name: string, columns: readonly StructField[]): AlluviumError {
  const known = columns.map((field) => field.name);
  const shown = known.slice(0, shownMax).map((column) => JSON.stringify(column));
  const list = known.length > shownMax ? `${shown.join(", ")}, and ${known.length - shownMax} more` : shown.join(", ");
  const message = `there is no column ${JSON.stringify(name)}.${suggestion(name, known)} The columns are: ${list}`;
  return new AlluviumError("COLUMN_NOT_FOUND", { column: name }, message);
}

const shownMax = 30;

function fieldNamed(type: StructType, name: string): StructField {
  const wanted = name.toLowerCase();
  const field = type.fields.find((candidate) => candidate.name.toLowerCase() === wanted);
  if (field === undefined) throw columnNotFound(name, type.fields);
  return field;
}
