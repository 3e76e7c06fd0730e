// log/checkpoint/candidate-files.ts: a predicate as SQL over the adds of a checkpoint, so that of a million files only those are made objects of
// that may hold a row. It gives up a file only when it is sure; whoever asks judges the others.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { formatDate } from "../../format/text/calendar.ts";
import { physicalPath } from "../../format/protocol/column-mapping.ts";
import { magnitudeOf } from "../../format/value/stat-value.ts";
import { typeAt } from "../../format/schema/schema-type.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { mirrored } from "../../expression/operator/bind-compare.ts";
import type { Comparison, Expression, Literal, Predicate, PredicateScope } from "../../expression/tree/expression.ts";
import { columnKey, hasTypedStats } from "./checkpoint-part.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import { reference } from "./checkpoint-sql.ts";
import type { ValueTest } from "./coded-rows.ts";
import { childNamed } from "../../engine/parquet/parquet-tree.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import type { LeafValue } from "../../engine/parquet/parquet-values.ts";

/** What the files are wanted for. */
export interface FileFilter {
  readonly where: Predicate;
  readonly scope: PredicateScope;
}

/** Which files are wanted, and what of them. */
export interface FileQuery {
  /** Files that it surely gives up may be left out. */
  readonly filter?: FileFilter | undefined;
  /** True where nobody looks at statistics, which are most of what a checkpoint holds: files may come without theirs. */
  readonly withoutStats?: boolean;
}

/** SQL over the columns of a checkpoint file, true of no other action than adds. */
export interface AddCondition {
  readonly sql: string;
  /** Whether DuckDB passes over row groups by it. */
  readonly isBare: boolean;
  /** True of each add that the SQL is true of; absent where no column of few values tells. */
  readonly test?: ValueTest | undefined;
}

/** True of each add that may hold a row; undefined when nothing can be told. */
export function candidateSql(part: CheckpointPart, { where, scope }: FileFilter): AddCondition | undefined {
  const add = childNamed(part.tree, "add");
  return add && maybe(where.expression, { add, scope, isTyped: hasTypedStats(part), full: part.fullColumns });
}

interface Place {
  readonly add: ParquetNode;
  readonly scope: PredicateScope;
  /** Whether every add has typed statistics. */
  readonly isTyped: boolean;
  readonly full: ReadonlySet<string>;
}

function maybe(expression: Expression, place: Place): AddCondition | undefined {
  switch (expression.kind) {
    case "and": {
      const known = expression.operands.map((operand) => maybe(operand, place)).filter((test) => test !== undefined);
      return known.length === 0 ? undefined : joinSql(known, "AND");
    }
    case "or": {
      const known = expression.operands.map((operand) => maybe(operand, place));
      return known.every((test) => test !== undefined) ? joinSql(known, "OR") : undefined;
    }
    case "compare":
      return comparison(expression.op, expression.left, expression.right, place);
    case "in": {
      const { operand, values } = expression;
      const known = values.map((value) => comparison("=", operand, value, place));
      return known.every((test) => test !== undefined) ? joinSql(known, "OR") : undefined;
    }
    case "column":
    case "literal":
    case "not":
    case "isNull":
    case "isNotNull":
    case "startsWith":
    case "opaque":
      return undefined;
  }
}

/** One bare condition of several that must hold lets row groups be passed over, of several that may each must be. */
const joinSql = (parts: readonly AddCondition[], word: "AND" | "OR"): AddCondition => {
  const tests = parts.map(({ test }) => test).filter((test) => test !== undefined);
  const tells = word === "AND" ? tests.length > 0 : tests.length === parts.length;
  return {
    sql: `(${parts.map(({ sql }) => sql).join(` ${word} `)})`,
    isBare: word === "AND" ? parts.some(({ isBare }) => isBare) : parts.every(({ isBare }) => isBare),
    test: tells ? { kind: word === "AND" ? "and" : "or", tests } : undefined,
  };
};

/* oxlint-disable-next-line max-params -- an operator has two sides, and they stand somewhere */
function comparison(op: Comparison, left: Expression, right: Expression, place: Place): AddCondition | undefined {
  if (left.kind === "literal")
    return right.kind === "column" ? comparison(mirrored[op], right, left, place) : undefined;
  if (left.kind !== "column" || right.kind !== "literal" || op === "<>") return undefined;
  const type = typeAt(place.scope.schema, left.path);
  const given = type && comparable(type, right.literal);
  if (given === undefined) return undefined;
  const bounds = typedBounds(left.path, right.literal, place) ?? textBounds(left.path, given.read, place);
  if (bounds === undefined) return undefined;
  const isBare = bounds.isFull === true;
  const { high, low } = isBare ? inColumnType(given, right.literal) : given;
  const value = bounds.column === undefined ? undefined : plainValue(right.literal);
  const condition = (sql: string, side: "atMost" | "atLeast"): AddCondition => ({
    sql: isBare ? sql : `(${isAdd(place)} AND coalesce(${sql}, TRUE))`,
    isBare,
    ...(bounds.column !== undefined && value !== undefined && { test: { kind: side, column: bounds.column, value } }),
  });
  // Bounds are met at least: rounding to doubles and cut texts keep the order, not the difference between < and <=.
  const above = condition(`${bounds.min} <= ${high}`, "atMost");
  const below = condition(`${bounds.max} >= ${low}`, "atLeast");
  if (op === "<" || op === "<=") return above;
  return op === ">" || op === ">=" ? below : joinSql([above, below], "AND");
}

/** A literal as Parquet has such values; undefined of types that are not compared as these are. */
function plainValue(literal: Literal): LeafValue | undefined {
  if (literal.type === "string" || literal.type === "integer") return literal.value;
  return literal.type === "date" ? literal.days : undefined;
}

interface Given {
  /** SQL for a bound's text as a value to compare with. */
  readonly read: (text: string) => string;
  /** SQL for the value given, and what is surely not below it, and not above. */
  readonly high: string;
  readonly low: string;
}

/** How bounds of a type compare with a literal; undefined where that is left to the judge. */
function comparable(type: DataType, literal: Literal): Given | undefined {
  if (isExactNumber(type) && (literal.type === "integer" || literal.type === "decimal")) {
    const number = Number(literal.type === "integer" ? literal.value : literal.text);
    // A bound beyond the type says nothing, as `readBound` has it.
    const magnitude = magnitudeOf(type) ?? 0n;
    const { high, low } = exactly(sqlLiteral(number), "DOUBLE");
    const read = (bound: string): string =>
      `CASE WHEN abs(TRY_CAST(${bound} AS DOUBLE)) <= ${magnitude} THEN TRY_CAST(${bound} AS DOUBLE) END`;
    return { read, high, low };
  }
  if (type.kind !== "primitive" || type.name !== literal.type) return undefined;
  if (literal.type === "date") return exactly(`DATE ${sqlLiteral(formatDate(literal.days))}`, "DATE");
  if (literal.type === "string") {
    if (/\p{Surrogate}/u.test(literal.value)) return undefined; // half a character has no UTF-8
    const text = sqlLiteral(literal.value);
    return { read: (bound) => bound, high: text, low: text };
  }
  if (literal.type !== "timestamp" && literal.type !== "timestamp_ntz") return undefined;
  // Writers cut fractions of a second off, on either side.
  const micros = (value: bigint): string => `make_timestamp(${value})`;
  return {
    read: (bound) => `TRY_CAST(TRY_CAST(${bound} AS TIMESTAMPTZ) AS TIMESTAMP)`,
    high: micros(literal.micros + secondMicros),
    low: micros(literal.micros - secondMicros),
  };
}

/** The size is small and each add has one, where to look at the paths would take as long as all the rest. */
function isAdd({ add }: Place): string {
  const marker = childNamed(add.children, "size") ?? childNamed(add.children, "path");
  return marker === undefined ? "FALSE" : `${reference([add.name, marker.name])} IS NOT NULL`;
}

/** A whole number as such, where a column of whole numbers would otherwise be cast. */
function inColumnType(given: Given, literal: Literal): Pick<Given, "high" | "low"> {
  if (literal.type !== "integer" || BigInt.asIntN(64, literal.value) !== literal.value) return given;
  const number = `CAST('${literal.value}' AS BIGINT)`;
  return { high: number, low: number };
}

const secondMicros = 1_000_000n;

const exactly = (value: string, type: string): Given => ({
  read: (bound) => `TRY_CAST(${bound} AS ${type})`,
  high: value,
  low: value,
});

const isExactNumber = (type: DataType): boolean =>
  type.kind === "decimal" || (type.kind === "primitive" && wholeNumbers.has(type.name));

const wholeNumbers: ReadonlySet<string> = new Set(["byte", "short", "integer", "long"]);

/** SQL for the least and the greatest value of a column in the file of an add; null where that is not known. */
interface Bounds {
  readonly min: string;
  readonly max: string;
  /** True when they are known of every add. */
  readonly isFull?: boolean;
  /** Where they are one value, in a column of the file that may have few different ones. */
  readonly column?: readonly string[];
}

const isPartition = (path: readonly string[], { scope }: Place): boolean =>
  scope.partitionColumns.some((name) => name.toLowerCase() === path[0]?.toLowerCase());

const storedPath = (path: readonly string[], { scope }: Place): readonly string[] =>
  scope.isMapped === true ? physicalPath(scope.schema, path) : path;

/** Of typed columns: values need not be found in JSON or maps, which takes most of the time of a question. */
function typedBounds(path: readonly string[], literal: Literal, place: Place): Bounds | undefined {
  const stored = storedPath(path, place);
  if (isPartition(path, place)) {
    // A null may be a null, or a value that only the text has: then the text is asked.
    const value = typedColumn(["partitionValues_parsed", ...stored], literal, place);
    const column = [place.add.name, "partitionValues_parsed", ...stored];
    return value?.isFull === true ? { min: value.sql, max: value.sql, isFull: true, column } : undefined;
  }
  if (!place.isTyped) return undefined;
  const [min, max] = ["minValues", "maxValues"].map((side) =>
    typedColumn(["stats_parsed", side, ...stored], literal, place),
  );
  if (min === undefined || max === undefined) return undefined;
  return { min: min.sql, max: max.sql, isFull: min.isFull && max.isFull };
}

interface TypedColumn {
  readonly sql: string;
  /** Whether every add has a value in it. */
  readonly isFull: boolean;
}

function typedColumn(steps: readonly string[], literal: Literal, { add, full }: Place): TypedColumn | undefined {
  let node: ParquetNode | undefined = add;
  for (const step of steps) node = node?.children.find(({ name }) => name === step);
  if (node === undefined || !isOfLiteral(node, literal)) return undefined;
  const path = [add.name, ...steps];
  return { sql: reference(path), isFull: full.has(columnKey(path)) };
}

/** Whether a typed bound compares with the literal as it would as text; others are left to the text. */
function isOfLiteral({ children, physicalType, annotation }: ParquetNode, literal: Literal): boolean {
  if (children.length > 0) return false;
  if (literal.type === "string") return physicalType === "BYTE_ARRAY" && /utf8|string/i.test(annotation);
  if (physicalType !== "INT32" && physicalType !== "INT64") return false;
  if (literal.type === "date") return /^date/i.test(annotation);
  return (
    literal.type === "integer" &&
    (annotation === "" || (/^int/i.test(annotation) && !/issigned=false/i.test(annotation)))
  );
}

/** Of the log's texts. */
function textBounds(path: readonly string[], read: Given["read"], place: Place): Bounds | undefined {
  const { add } = place;
  const stored = storedPath(path, place);
  if (isPartition(path, place)) {
    const values = childNamed(add.children, "partitionValues");
    if (values === undefined) return undefined;
    const value = read(`${reference([add.name, values.name])}[${sqlLiteral(stored[0] ?? "")}]`);
    return { min: value, max: value };
  }
  const stats = childNamed(add.children, "stats");
  if (stats === undefined) return undefined;
  // Text that is no JSON says nothing; TRY keeps it from being an error.
  const bound = (side: string): string =>
    read(`TRY(json_extract_string(${reference([add.name, stats.name])}, ${sqlLiteral(pointer([side, ...stored]))}))`);
  return { min: bound("minValues"), max: bound("maxValues") };
}

/** A JSON pointer. RFC 6901. */
const pointer = (path: readonly string[]): string =>
  path.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
