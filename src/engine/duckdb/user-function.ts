// engine/duckdb/user-function.ts: a function of JavaScript as a function of DuckDB. Its values are those of row objects.
import type { DuckDBDataChunk, DuckDBScalarFunction, DuckDBType, DuckDBVector } from "@duckdb/node-api";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { DataType, PrimitiveName } from "../../format/schema/schema.ts";
import { arrowColumn } from "./arrow-column.ts";
import { valueReader } from "../arrow/arrow-value.ts";
import { parseDuckdbType } from "./duckdb-schema.ts";
import { duckdbType } from "./duckdb-type.ts";
import { duckdbValue } from "./duckdb-value.ts";
import type { UserFunction } from "../base/engine.ts";
import { duckdb } from "./duckdb-library.ts";

const {
  BIGINT,
  BLOB,
  BOOLEAN,
  DATE,
  DECIMAL,
  DOUBLE,
  FLOAT,
  INTEGER,
  LIST,
  MAP,
  SMALLINT,
  STRUCT,
  TIMESTAMP,
  TIMESTAMPTZ,
  TINYINT,
  VARCHAR,
  ANY,
} = duckdb;

/**
 * The function for one database.
 * @param failed is told what the function threw, and answers a text that DuckDB carries to whoever ran the statement
 */
export function scalarFunction(user: UserFunction, failed: (error: AlluviumError) => string): DuckDBScalarFunction {
  return duckdb.DuckDBScalarFunction.create({
    name: user.sqlName,
    returnType: duckdbLogicalType(user.returnType),
    varArgsType: ANY,
    // Null is a value like any other: the function sees it.
    specialHandling: true,
    // Without arguments the answer is asked row by row too.
    volatile: user.isVolatile,
    mainFunction: (info, input, output) => {
      // What is thrown here would end the process.
      try {
        callForRows(user, input, output);
      } catch (error) {
        info.setError(failed(asFailure(user, error)));
      }
    },
  });
}

function callForRows(user: UserFunction, input: DuckDBDataChunk, output: DuckDBVector): void {
  const readers = Array.from({ length: input.columnCount }, (_, index) => argumentReader(input, index));
  const args: unknown[] = Array.from({ length: readers.length });
  for (let row = 0; row < input.rowCount; row += 1) {
    for (let index = 0; index < readers.length; index += 1) args[index] = readers[index]?.(row) ?? null;
    output.setItem(row, duckdbValue(user.returnType, user.call(...args)));
  }
  output.flush();
}

function argumentReader(input: DuckDBDataChunk, index: number): (row: number) => unknown {
  const vector = vectorOf(input, index);
  if (vector === null) return () => null;
  const column = arrowColumn(storedType(vector), input.rowCount);
  column.append(vector, 0, input.rowCount);
  return valueReader(column.take());
}

/** Null for the type of nothing but null, for which there are no vectors. */
function vectorOf(input: DuckDBDataChunk, index: number): DuckDBVector | null {
  try {
    return input.getColumnVector(index);
  } catch (error) {
    if (error instanceof Error && error.message.includes("SQLNULL")) return null;
    throw error;
  }
}

function storedType(vector: DuckDBVector): DataType {
  const text = vector.type.toString();
  const type = parseDuckdbType(text.replaceAll(/\bTIMESTAMPTZ\b/g, "TIMESTAMP WITH TIME ZONE"));
  if (["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UUID", "ENUM"].some((name) => text.includes(name))) {
    const message = `an argument is of DuckDB's type ${text}; cast it, for example to ${duckdbType(type)}`;
    throw new AlluviumError("INVALID_ARGUMENT", { type: text }, message);
  }
  return type;
}

function asFailure({ name }: UserFunction, cause: unknown): AlluviumError {
  // Functions of Spark say what is wrong in its words.
  if (cause instanceof AlluviumError) return cause;
  const reason = messageOf(cause);
  const message = `the function ${name} failed: ${reason}; what it throws ends the query`;
  return new AlluviumError("FAILED_EXECUTE_UDF", { function: name }, message, { cause });
}

function duckdbLogicalType(type: DataType): DuckDBType {
  switch (type.kind) {
    case "primitive":
      return primitiveTypes[type.name] ?? refuseType(type.name);
    case "decimal":
      return DECIMAL(type.precision, type.scale);
    case "array":
      return LIST(duckdbLogicalType(type.elementType));
    case "map":
      return MAP(duckdbLogicalType(type.keyType), duckdbLogicalType(type.valueType));
    case "struct":
      return STRUCT(Object.fromEntries(type.fields.map((field) => [field.name, duckdbLogicalType(field.type)])));
  }
}

function refuseType(name: PrimitiveName): never {
  throw new AlluviumError("INVALID_ARGUMENT", { type: name }, `a function cannot answer values of type ${name}`);
}

const primitiveTypes: Readonly<Partial<Record<PrimitiveName, DuckDBType>>> = {
  boolean: BOOLEAN,
  byte: TINYINT,
  short: SMALLINT,
  integer: INTEGER,
  long: BIGINT,
  float: FLOAT,
  double: DOUBLE,
  string: VARCHAR,
  binary: BLOB,
  date: DATE,
  timestamp: TIMESTAMPTZ,
  timestamp_ntz: TIMESTAMP,
};
