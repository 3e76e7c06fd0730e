// expression/operator/bind-decimal.ts: arithmetic of decimals as DuckDB SQL: exact, rounded half up to the digits of the result, and an error
// where those are not enough. Spark's DecimalPrecision and DecimalDivideWithOverflowCheck.
import {
  divideByZero,
  longProduct,
  longRatio,
  longestProduct,
  ratio,
  shortRatio,
} from "../../engine/duckdb/decimal-macros.ts";

import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { DecimalType } from "../../format/schema/schema.ts";
import { type Digits, decimalResult, precisionMax } from "../tree/decimal-type.ts";

/** A number of an exact type: its DuckDB SQL and its digits. */
export interface DecimalOperand extends Digits {
  readonly sql: string;
}

/** DuckDB SQL of `a op b`, of the type of `decimalResult`; a long for `div`. */
export function decimalSql(op: "+" | "-" | "*" | "/" | "%" | "div", a: DecimalOperand, b: DecimalOperand): string {
  switch (op) {
    case "/":
      return quotientSql(a, b, decimalResult("/", a, b));
    case "*":
      return productSql(a, b);
    case "div":
      return wholeQuotientSql(a, b);
    case "%":
      return remainderSql(a, b);
    case "+":
    case "-":
      return `CAST(${alignedSql(op, a, b)} AS ${duckdbType(decimalResult(op, a, b))})`;
  }
}

/** DuckDB SQL of `a / b` as a decimal of this type, which has room for every digit of `a` before the point. */
export function quotientSql(a: DecimalOperand, b: DecimalOperand, type: DecimalType): string {
  const more = type.scale - a.scale + b.scale;
  const digits = a.precision + more;
  if (digits > precisionMax) return scaledSql(`${longRatio}(${unscaledSql(a)}, ${unscaledSql(b)}, ${more})`, type);
  const isShort = Math.max(digits, b.precision) <= shortDigits;
  const word = isShort ? "BIGINT" : "HUGEINT";
  const numerator = `CAST(${unscaledSql(a)} AS ${word}) * ${powerSql(more, word)}`;
  return scaledSql(`${isShort ? shortRatio : ratio}(${numerator}, ${unscaledSql(b)})`, type);
}

/** Numbers of so many digits fit a BIGINT, and so does their double. */
const shortDigits = 18;

function productSql(a: DecimalOperand, b: DecimalOperand): string {
  const type = decimalResult("*", a, b);
  const less = a.scale + b.scale - type.scale;
  if (less === 0)
    return `CAST(CAST(${a.sql} AS ${wideSql(a, a.precision + b.precision)}) * CAST(${b.sql} AS ${typeSql(b)}) AS ${duckdbType(type)})`;
  const [x, y] = [unscaledSql(a), unscaledSql(b)];
  return scaledSql(
    less <= precisionMax
      ? `${longProduct}(${x}, ${y}, ${powerSql(precisionMax - less)}, ${powerSql(less)})`
      : `${longestProduct}(${x}, ${y}, ${powerSql(less - precisionMax)})`,
    type,
  );
}

/** Cut off towards zero. */
function wholeQuotientSql(a: DecimalOperand, b: DecimalOperand): string {
  const scale = Math.max(a.scale, b.scale);
  const [x, y] = [a, b].map((side) => `${unscaledSql(side)} * ${powerSql(scale - side.scale)}`);
  return dividing(`CAST((${x}) // (${y}) AS BIGINT)`, a.sql, b.sql);
}

function remainderSql(a: DecimalOperand, b: DecimalOperand): string {
  return dividing(`CAST(${alignedSql("%", a, b)} AS ${duckdbType(decimalResult("%", a, b))})`, a.sql, b.sql);
}

/** Both with the same digits behind the point; as DECIMAL(38) at most, for DuckDB takes wider ones for doubles. */
function alignedSql(op: string, a: DecimalOperand, b: DecimalOperand): string {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const type = wideSql({ precision: whole + scale, scale }, whole + scale + 1);
  return `(CAST(${a.sql} AS ${type}) ${op} CAST(${b.sql} AS ${type}))`;
}

/** Spark refuses to divide by zero where DuckDB would answer null or infinity; null by zero is null. */
export function dividing(sql: string, dividend: string, divisor: string): string {
  return `(CASE WHEN ${divisor} = 0 AND ${dividend} IS NOT NULL THEN ${divideByZero} ELSE ${sql} END)`;
}

const typeSql = ({ precision, scale }: Digits): string => duckdbType({ kind: "decimal", precision, scale });

/** DuckDB leaves the result of two decimals of 18 digits at 18, so that one of them must be as wide as the result is to be. */
const wideSql = ({ scale }: Digits, precision: number): string =>
  typeSql({ precision: Math.min(precisionMax, precision), scale });

const powerSql = (digits: number, word = "HUGEINT"): string => `CAST(${10n ** BigInt(digits)} AS ${word})`;

/** DuckDB SQL of the whole number that a decimal is kept as. */
export function unscaledSql(operand: DecimalOperand): string {
  const { precision, scale } = operand;
  const value = `CAST(${operand.sql} AS ${wideSql(operand, Math.max(precision, precision + scale + 1 > 18 ? 19 : 0))})`;
  if (scale === 0) return `CAST(${value} AS HUGEINT)`;
  if (precision + scale + 1 <= precisionMax)
    return `CAST(${value} * CAST(${10n ** BigInt(scale)} AS DECIMAL(${scale + 1}, 0)) AS HUGEINT)`;
  // Multiplied it would not fit; its text without the point is the same number.
  return `CAST(replace(CAST(${value} AS VARCHAR), '.', '') AS HUGEINT)`;
}

/** DuckDB SQL of the decimal that is kept as this whole number. */
export function scaledSql(sql: string, type: DecimalType): string {
  const whole = `CAST(${sql} AS DECIMAL(38, 0))`;
  if (type.scale === 0) return `CAST(${whole} AS ${duckdbType(type)})`;
  const { scale } = type;
  return `CAST(${whole} * CAST('0.${"1".padStart(scale, "0")}' AS DECIMAL(${scale}, ${scale})) AS ${duckdbType(type)})`;
}
