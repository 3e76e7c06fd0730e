// expression/predicate/builder.ts: expressions built by functions: `col("day").eq("2024-01-01").and(col("n").gt(3))`.
import { AlluviumError } from "../../format/text/error.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { columnPath } from "../tree/column-path.ts";
import type { Comparison, Literal } from "../tree/expression.ts";
import { parseSelectList } from "../parse/parse-sql.ts";
import { parseType } from "../parse/parse-type.ts";
import { printSyntax, quoteName } from "../parse/print-syntax.ts";
import type { SortKey } from "../tree/sort-key.ts";
import { nullSyntax, primitive, textSyntax } from "../tree/syntax.ts";
import type { ArithmeticOperator, Syntax, SyntaxShape } from "../tree/syntax.ts";
import { TokenCursor } from "../parse/token-cursor.ts";

/** A value that may stand for a literal. A whole number is an int or a long, any other number a double, a `Date` a timestamp. */
export type LiteralInput = null | boolean | number | bigint | string | Date | Uint8Array;

/** An expression, or a value that stands for itself. */
export type Operand = ColumnExpression | LiteralInput;

/** An expression of columns. Immutable; every method gives a new one. Names and types are checked when it is used. */
export class ColumnExpression {
  /** The tree of the expression. */
  readonly syntax: Syntax;
  /** The name it has in a result, if one was given. */
  readonly alias: string | undefined;

  constructor(syntax: Syntax, alias?: string) {
    this.syntax = syntax;
    this.alias = alias;
  }

  /** The expression as Spark SQL, with its alias. */
  toSparkSql(): string {
    const text = printSyntax(this.syntax);
    return this.alias === undefined ? text : `${text} AS ${quoteName(this.alias)}`;
  }

  /** The same as `toSparkSql`. */
  toString(): string {
    return this.toSparkSql();
  }

  /** The same expression under a name of its own in a result. */
  as(alias: string): ColumnExpression {
    return new ColumnExpression(this.syntax, alias);
  }

  /** To sort by, ascending; nulls first, as in Spark, unless said otherwise. */
  asc(nulls: "first" | "last" = "first"): SortKey {
    return this.#sortKey("ASC", nulls);
  }

  /** To sort by, descending; nulls last, as in Spark, unless said otherwise. */
  desc(nulls: "first" | "last" = "last"): SortKey {
    return this.#sortKey("DESC", nulls);
  }

  eq(other: Operand): ColumnExpression {
    return this.#compare("=", other);
  }

  ne(other: Operand): ColumnExpression {
    return this.#compare("<>", other);
  }

  lt(other: Operand): ColumnExpression {
    return this.#compare("<", other);
  }

  le(other: Operand): ColumnExpression {
    return this.#compare("<=", other);
  }

  gt(other: Operand): ColumnExpression {
    return this.#compare(">", other);
  }

  ge(other: Operand): ColumnExpression {
    return this.#compare(">=", other);
  }

  /** Equality that takes null as a value: never null itself. Spark's `<=>`. */
  eqNullSafe(other: Operand): ColumnExpression {
    return this.#compare("<=>", other);
  }

  /** Both ends included. */
  between(low: Operand, high: Operand): ColumnExpression {
    return node({ kind: "between", operand: this.syntax, low: syntaxOf(low), high: syntaxOf(high) });
  }

  /** @throws AlluviumError `INVALID_ARGUMENT` when there are no values */
  isIn(...values: readonly Operand[]): ColumnExpression {
    if (values.length === 0) throw new AlluviumError("INVALID_ARGUMENT", {}, "isIn needs at least one value");
    return node({ kind: "in", operand: this.syntax, values: values.map(syntaxOf) });
  }

  isNull(): ColumnExpression {
    return node({ kind: "isNull", operand: this.syntax });
  }

  isNotNull(): ColumnExpression {
    return not(this.isNull());
  }

  and(...others: readonly Operand[]): ColumnExpression {
    return and(this, ...others);
  }

  or(...others: readonly Operand[]): ColumnExpression {
    return or(this, ...others);
  }

  not(): ColumnExpression {
    return not(this);
  }

  startsWith(prefix: Operand): ColumnExpression {
    return callFunction("startswith", this, prefix);
  }

  endsWith(suffix: Operand): ColumnExpression {
    return callFunction("endswith", this, suffix);
  }

  contains(part: Operand): ColumnExpression {
    return callFunction("contains", this, part);
  }

  /** `%` is any text, `_` any character, a backslash takes their meaning away. */
  like(pattern: string): ColumnExpression {
    return node({ kind: "like", op: "like", operand: this.syntax, pattern: textSyntax(pattern, 0), escape: "\\" });
  }

  /** True when a part of the text matches the regular expression. */
  rlike(pattern: string): ColumnExpression {
    return node({ kind: "like", op: "rlike", operand: this.syntax, pattern: textSyntax(pattern, 0), escape: "" });
  }

  plus(other: Operand): ColumnExpression {
    return this.#arithmetic("+", other);
  }

  minus(other: Operand): ColumnExpression {
    return this.#arithmetic("-", other);
  }

  times(other: Operand): ColumnExpression {
    return this.#arithmetic("*", other);
  }

  dividedBy(other: Operand): ColumnExpression {
    return this.#arithmetic("/", other);
  }

  mod(other: Operand): ColumnExpression {
    return this.#arithmetic("%", other);
  }

  /** @param type as Spark's SQL spells it, such as `int` or `decimal(10,2)` @throws AlluviumError `INVALID_PREDICATE` */
  cast(type: string): ColumnExpression {
    const cursor = new TokenCursor(type);
    const parsed: DataType = parseType(cursor);
    if (!cursor.isAtEnd) throw cursor.fail("this does not belong to a type:");
    return node({ kind: "cast", operand: this.syntax, type: parsed, isTry: false });
  }

  /** A field of a struct. */
  field(name: string): ColumnExpression {
    const { syntax } = this;
    return node(
      syntax.kind === "name"
        ? { kind: "name", parts: [...syntax.parts, name] }
        : { kind: "field", operand: syntax, name },
    );
  }

  /** An element of an array, counted from 0, or the value of a key of a map. */
  item(key: Operand): ColumnExpression {
    return node({ kind: "index", operand: this.syntax, index: syntaxOf(key) });
  }

  #sortKey(direction: SortKey["direction"], nulls: "first" | "last"): SortKey {
    return { column: printSyntax(this.syntax), direction, nulls: nulls === "first" ? "FIRST" : "LAST" };
  }

  #compare(op: Comparison, other: Operand): ColumnExpression {
    return node({ kind: "compare", op, left: this.syntax, right: syntaxOf(other) });
  }

  #arithmetic(op: ArithmeticOperator, other: Operand): ColumnExpression {
    return node({ kind: "arithmetic", op, left: this.syntax, right: syntaxOf(other) });
  }
}

/**
 * A column, or a field of one: `place.city`; behind a join, of one of its sides: `b.title`. A name with a dot in it goes in backticks.
 * @throws AlluviumError `INVALID_ARGUMENT` for what is no name
 */
export function col(name: string): ColumnExpression {
  return node({ kind: "name", parts: columnPath(name) });
}

/** A value as an expression. @throws AlluviumError `INVALID_ARGUMENT` for an invalid `Date` or an integer beyond 64 bits */
export function lit(value: LiteralInput): ColumnExpression {
  return new ColumnExpression(literalSyntax(value));
}

/** An expression in Spark's SQL, maybe with a name: `price * 2 AS twice`. @throws AlluviumError `INVALID_PREDICATE` pointing at what cannot be read */
export function expr(text: string): ColumnExpression {
  const [item, ...more] = parseSelectList(text);
  if (item !== undefined && more.length === 0) return new ColumnExpression(item.expression, item.alias ?? undefined);
  throw new AlluviumError("INVALID_ARGUMENT", {}, `expr takes one expression, not ${text}`);
}

/** True when all are true. @throws AlluviumError `INVALID_ARGUMENT` when there are none */
export function and(...operands: readonly Operand[]): ColumnExpression {
  return junction("and", operands);
}

/** True when one is true. @throws AlluviumError `INVALID_ARGUMENT` when there are none */
export function or(...operands: readonly Operand[]): ColumnExpression {
  return junction("or", operands);
}

/** True when the operand is false. */
export function not(operand: Operand): ColumnExpression {
  return node({ kind: "not", operand: syntaxOf(operand) });
}

/** A call of one of Spark's functions by name. */
export function callFunction(name: string, ...args: readonly Operand[]): ColumnExpression {
  return node({ kind: "call", name, args: args.map(syntaxOf), isDistinct: false, filter: null });
}

const node = (shape: SyntaxShape): ColumnExpression => new ColumnExpression({ ...shape, at: 0 });

/** The tree of an operand. */
export const syntaxOf = (operand: Operand): Syntax =>
  operand instanceof ColumnExpression ? operand.syntax : literalSyntax(operand);

function junction(kind: "and" | "or", operands: readonly Operand[]): ColumnExpression {
  if (operands.length === 0) throw new AlluviumError("INVALID_ARGUMENT", {}, `${kind} needs at least one operand`);
  return node({ kind, operands: operands.map(syntaxOf) });
}

function literalSyntax(value: LiteralInput): Syntax {
  if (value === null) return nullSyntax(0);
  const literal = literalOf(value);
  const isInt = literal.type === "integer" && literal.value >= -(2n ** 31n) && literal.value < 2n ** 31n;
  const name = literal.type === "integer" ? (isInt && typeof value === "number" ? "integer" : "long") : literal.type;
  return { kind: "literal", literal, type: primitive(name), at: 0 };
}

type PlainLiteral = Exclude<Literal, { type: "null" | "decimal" }>;

function literalOf(value: NonNullable<LiteralInput>): PlainLiteral {
  if (typeof value === "boolean") return { type: "boolean", value };
  if (typeof value === "string") return { type: "string", value };
  if (value instanceof Uint8Array) return { type: "binary", value };
  if (value instanceof Date) {
    const ms = value.getTime();
    if (Number.isNaN(ms)) throw new AlluviumError("INVALID_ARGUMENT", {}, "an invalid Date is no timestamp");
    return { type: "timestamp", micros: BigInt(ms) * 1000n };
  }
  if (typeof value === "number") {
    const isWhole = Number.isSafeInteger(value) && !Object.is(value, -0);
    return isWhole ? { type: "integer", value: BigInt(value) } : { type: "double", value };
  }
  if (BigInt.asIntN(64, value) !== value)
    throw new AlluviumError("INVALID_ARGUMENT", {}, `${value} does not fit 64 bits`);
  return { type: "integer", value };
}
