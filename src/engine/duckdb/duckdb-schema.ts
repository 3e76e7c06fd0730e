// engine/duckdb/duckdb-schema.ts: the columns of a DuckDB query as a Delta schema.
import { AlluviumError, assert } from "../../format/text/error.ts";
import type { DataType, PrimitiveName, StructField, StructType } from "../../format/schema/schema.ts";
import { duckdbType, noField } from "./duckdb-type.ts";
import type { SqlConnection } from "../base/engine.ts";
import { sqlIdentifier } from "../base/sql-quote.ts";

/**
 * Asks DuckDB what columns a query gives; nothing is run.
 * Unsigned integers widen to the next signed type; 128-bit integers become decimal(38,0); a zoneless timestamp is
 * `timestamp_ntz`; every column is nullable.
 * @throws AlluviumError `INVALID_ARGUMENT` for a type that no Delta table can hold (intervals, times, bit strings, …)
 */
export async function describeQuery(connection: SqlConnection, sql: string): Promise<StructType> {
  const columns = await columnsOf(connection, sql);
  return { kind: "struct", fields: columns.map(({ name, type }) => field(name, parseDuckdbType(type))) };
}

/** A column of a query and DuckDB's text of its type. */
export interface QueryColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of a query, which is not run. */
export async function columnsOf(connection: SqlConnection, sql: string): Promise<readonly QueryColumn[]> {
  const rows = await connection.rows(`DESCRIBE ${sql}`);
  const columns = rows.map((row) => ({ name: String(row["column_name"]), type: String(row["column_type"]) }));
  // DuckDB gives a null of no type out as an INTEGER, and tells what it is only inside of a query.
  const mayBeVoid = /\bNULL\b|\[\]|\bmap\(\)/i.test(sql) && columns.some(({ type }) => type.includes("INTEGER"));
  if (!mayBeVoid) return columns;
  const names = columns.map((_, index) => `c${index}`);
  const types = names.map((name) => `typeof(t.${name}) AS ${name}`);
  const none = `SELECT * FROM (${sql}) AS q(${names.join(", ")}) LIMIT 0`;
  const [told] = await connection.rows(`SELECT ${types.join(", ")} FROM (SELECT 1) LEFT JOIN (${none}) AS t ON TRUE`);
  return columns.map(({ name, type }, index) => {
    const own = told?.[`c${index}`];
    return { name, type: typeof own === "string" ? own : type };
  });
}

/** The columns of a query, and which of them DuckDB has in a type that no Delta table has. */
export interface DescribedQuery {
  readonly schema: StructType;
  readonly foreign: ReadonlySet<string>;
}

/**
 * As `describeQuery`, but a whole number of 128 bits, as DuckDB sums and counts, is a long: Spark's are.
 * @throws AlluviumError `INVALID_ARGUMENT`
 */
export async function describeExactly(connection: SqlConnection, sql: string): Promise<DescribedQuery> {
  const columns = await columnsOf(connection, sql);
  const typeOf = (text: string): DataType => parseDuckdbType(text === "HUGEINT" ? "BIGINT" : text);
  const fields = columns.map(({ name, type }) => field(name, typeOf(type)));
  const foreign = columns
    .filter(({ type }) => /\b(?:U?HUGEINT|U(?:TINY|SMALL|BIG)INT|UINTEGER|UUID|JSON|ENUM|TIMESTAMP_N?M?S)\b/.test(type))
    .map(({ name }) => name);
  return { schema: { kind: "struct", fields }, foreign: new Set(foreign) };
}

/** The query with such columns in the types of the schema; columns are told by their places, for names may repeat. */
export function ownTypes(sql: string, { schema, foreign }: DescribedQuery): string {
  if (foreign.size === 0) return sql;
  const list = schema.fields.map(({ name, type }, index) => {
    const value = foreign.has(name) ? `CAST(c${index} AS ${duckdbType(type)})` : `c${index}`;
    return `${value} AS ${sqlIdentifier(name)}`;
  });
  return `SELECT ${list.join(", ")} FROM (${sql}) AS given(${schema.fields.map((_, index) => `c${index}`).join(", ")})`;
}

/**
 * Parses a DuckDB type as DuckDB prints it, such as `STRUCT(a INTEGER, "b c" DECIMAL(10,2)[])`.
 * @throws AlluviumError `INVALID_ARGUMENT` for a type that no Delta table can hold
 */
export function parseDuckdbType(text: string): DataType {
  const reader = new TypeReader(text);
  const type = reader.type();
  assert(reader.isAtEnd, `DuckDB type not understood to its end: ${text}`);
  return type;
}

const scalars: Readonly<Record<string, PrimitiveName>> = {
  BOOLEAN: "boolean",
  TINYINT: "byte",
  UTINYINT: "short",
  SMALLINT: "short",
  USMALLINT: "integer",
  INTEGER: "integer",
  UINTEGER: "long",
  BIGINT: "long",
  FLOAT: "float",
  DOUBLE: "double",
  VARCHAR: "string",
  JSON: "string",
  UUID: "string",
  BLOB: "binary",
  DATE: "date",
  TIMESTAMP: "timestamp_ntz",
  TIMESTAMP_S: "timestamp_ntz",
  TIMESTAMP_MS: "timestamp_ntz",
  TIMESTAMP_NS: "timestamp_ntz",
  "TIMESTAMP WITH TIME ZONE": "timestamp",
  '"NULL"': "void",
};

const wideIntegers: Readonly<Record<string, number>> = { UBIGINT: 20, HUGEINT: 38, UHUGEINT: 38 };

function field(name: string, type: DataType): StructField {
  return { name, type, nullable: true, metadata: {} };
}

class TypeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#text.length;
  }

  type(): DataType {
    let type = this.#base();
    for (let list = this.#match(/\[\d*\]/y); list !== null; list = this.#match(/\[\d*\]/y)) {
      type = { kind: "array", elementType: type, containsNull: true };
    }
    return type;
  }

  #base(): DataType {
    if (this.#match(/STRUCT\(/y) !== null) return this.#struct();
    if (this.#match(/MAP\(/y) !== null) return this.#map();
    const decimal = this.#match(/DECIMAL\((\d+),\s*(\d+)\)/y);
    if (decimal !== null) return { kind: "decimal", precision: Number(decimal[1]), scale: Number(decimal[2]) };
    if (this.#match(/ENUM\((?:'(?:[^']|'')*'(?:,\s*)?)*\)/y) !== null) return { kind: "primitive", name: "string" };
    const word = this.#match(/"NULL"|TIMESTAMP WITH TIME ZONE|[A-Z_]+/y)?.[0] ?? "";
    const precision = wideIntegers[word];
    if (precision !== undefined) return { kind: "decimal", precision, scale: 0 };
    const name = scalars[word];
    if (name !== undefined) return { kind: "primitive", name };
    const advice =
      word === "INTERVAL"
        ? "datediff(a, b) counts days between dates, timestampdiff(SECOND, a, b) other units; or cast it to STRING"
        : "cast it, for example to STRING";
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { type: this.#text },
      `no Delta table can hold a column of DuckDB's type ${this.#text}; ${advice}`,
    );
  }

  #struct(): DataType {
    const fields: StructField[] = [];
    do {
      const quoted = this.#match(/"((?:[^"]|"")*)" /y);
      const name = quoted?.[1]?.replaceAll('""', '"') ?? this.#match(/([^\s,()]+) /y)?.[1];
      if (name === undefined) {
        const message = `a struct without names is no value by itself (${this.#text}); give it names by struct(a, b) or named_struct('a', 1)`;
        throw new AlluviumError("INVALID_ARGUMENT", { type: this.#text }, message);
      }
      fields.push(field(name, this.type()));
    } while (this.#match(/,\s*/y) !== null);
    this.#close();
    return { kind: "struct", fields: fields.filter(({ name }) => name !== noField) };
  }

  #map(): DataType {
    const keyType = this.type();
    assert(this.#match(/,\s*/y) !== null, `DuckDB map without a value type: ${this.#text}`);
    const valueType = this.type();
    this.#close();
    return { kind: "map", keyType, valueType, valueContainsNull: true };
  }

  #close(): void {
    assert(this.#match(/\)/y) !== null, `DuckDB type not closed at ${this.#at}: ${this.#text}`);
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.#at += found[0].length;
    return found;
  }
}
