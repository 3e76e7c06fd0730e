// expression/function/functions-hash.ts: Spark's functions that hash; the numbers are Spark's, for people store them.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { asText } from "../operator/bind-compare.ts";
import { castSql, finalError, opaque } from "../tree/bound.ts";
import type { Bound } from "../tree/bound.ts";
import { argument, fixed, many, spec, textual } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";
import { isOneOf, typeName } from "../tree/value-type.ts";

const string = primitive("string");

/** A text, or bytes as they are. */
const bytesOf = (arg: Bound): string => (isOneOf(arg.type, ["binary"]) ? arg.sql : asText(arg).sql);

const sha2: FunctionSpec = spec(2, (args) => {
  const [value, bits] = [argument(args, 0), argument(args, 1)];
  const isPlain = bits.sql === "256" || bits.sql === "0";
  const sql = isPlain ? `sha256(${bytesOf(value)})` : `alluvium_sha2(${bytesOf(value)}, CAST(${bits.sql} AS INTEGER))`;
  return opaque(sql, string, args);
});

interface Hash {
  readonly function: "murmur3" | "xxhash64";
  readonly type: "INTEGER" | "BIGINT";
}

/** Each value hashes with what came before it as its seed. */
const chained = (hash: Hash): FunctionSpec =>
  spec([1, many], (args) => {
    const seed = `CAST(42 AS ${hash.type})`;
    const sql = args.reduce((before, arg) => hashed(hash, before, arg), seed);
    return opaque(sql, primitive(hash.type === "INTEGER" ? "integer" : "long"), args);
  });

function hashed(hash: Hash, seed: string, arg: Bound): string {
  const { type } = arg;
  if (type === null) throw finalError("hash wants values whose types are known: cast this one", "UNRESOLVED_ROUTINE");
  switch (type.kind) {
    case "struct":
      return type.fields.reduce(
        (before, field) =>
          hashed(hash, before, opaque(`struct_extract(${arg.sql}, ${sqlLiteral(field.name)})`, field.type, [arg])),
        seed,
      );
    case "map":
      throw finalError(`hash does not take ${typeName(type)}, whose entries have no order`, "UNRESOLVED_ROUTINE");
    case "array":
    case "primitive":
    case "decimal": {
      const leaf = leavesOf(arg, type);
      return leaf === null ? seed : `alluvium_${hash.function}(${seed}, '${leaf.how}', ${leaf.sql})`;
    }
  }
}

interface Leaf {
  readonly how: string;
  readonly sql: string;
}

/** Of an array, an array of what of each element is hashed. */
function leavesOf(arg: Bound, type: DataType): Leaf | null {
  if (type.kind === "primitive" || type.kind === "decimal") return leafOf(arg, type);
  if (type.kind !== "array")
    throw finalError(`hash does not take arrays of ${typeName(type)}; hash what is in them`, "UNRESOLVED_ROUTINE");
  // Lambdas inside of each other have names of their own.
  const name = `alluvium_e${arg.sql.length}`;
  const leaf = leavesOf(opaque(name, type.elementType, [arg]), type.elementType);
  return leaf === null ? null : { how: leaf.how, sql: `list_transform(${arg.sql}, lambda ${name}: ${leaf.sql})` };
}

/** What of a value is hashed, and as what; null for the type that has no values. */
function leafOf(arg: Bound, type: Extract<DataType, { kind: "primitive" | "decimal" }>): Leaf | null {
  if (type.kind === "decimal") {
    const digits = `replace(CAST(${castSql(arg, type)} AS VARCHAR), '.', '')`;
    return type.precision > 18 ? { how: "wide", sql: digits } : { how: "long", sql: `CAST(${digits} AS BIGINT)` };
  }
  switch (type.name) {
    case "boolean":
    case "byte":
    case "short":
    case "integer":
      return { how: "int", sql: `CAST(${arg.sql} AS INTEGER)` };
    case "date":
      return { how: "int", sql: `CAST(CAST(${arg.sql} AS DATE) - DATE '1970-01-01' AS INTEGER)` };
    case "long":
      return { how: "long", sql: `CAST(${arg.sql} AS BIGINT)` };
    case "timestamp":
    case "timestamp_ntz":
      return { how: "long", sql: `epoch_us(${arg.sql})` };
    case "float":
      return { how: "float", sql: `CAST(${arg.sql} AS FLOAT)` };
    case "double":
      return { how: "double", sql: `CAST(${arg.sql} AS DOUBLE)` };
    case "string":
      return { how: "text", sql: arg.sql };
    case "binary":
      return { how: "binary", sql: arg.sql };
    case "void":
      return null;
    case "variant":
      throw finalError(`hash does not take ${typeName(type)}`, "UNRESOLVED_ROUTINE");
  }
}

/** By their names in lower case. */
export const hashFunctions: FunctionTable = {
  md5: textual(1, ([a]) => `md5(${a})`),
  sha: textual(1, ([a]) => `sha1(${a})`),
  sha1: textual(1, ([a]) => `sha1(${a})`),
  sha2,
  hash: chained({ function: "murmur3", type: "INTEGER" }),
  xxhash64: chained({ function: "xxhash64", type: "BIGINT" }),
  crc32: spec(1, (args) => opaque(`alluvium_crc32(${bytesOf(argument(args, 0))})`, primitive("long"), args)),
  soundex: textual(1, ([a]) => `alluvium_soundex(${a})`),
  conv: fixed(string, {
    count: 3,
    sql: ([a, b, c]) => `alluvium_conv(CAST(${a} AS VARCHAR), CAST(${b} AS INTEGER), CAST(${c} AS INTEGER))`,
  }),
};
