// expression/tree/decimal-type.ts: how many digits a decimal result has. Spark's DecimalPrecision and DecimalType, with
// spark.sql.decimalOperations.allowPrecisionLoss as it is by default.
import type { DataType, DecimalType, PrimitiveName } from "../../format/schema/schema.ts";

/** Digits in all, and those of them behind the point. */
export interface Digits {
  readonly precision: number;
  readonly scale: number;
}

/** Most digits that a decimal has. */
export const precisionMax = 38;

/** The digits of a number of an exact type; those of a long for any other. */
export function digitsOf(type: DataType): Digits {
  if (type.kind === "decimal") return type;
  return { precision: type.kind === "primitive" ? (integralDigits[type.name] ?? 20) : 20, scale: 0 };
}

const integralDigits: Partial<Record<PrimitiveName, number>> = { byte: 3, short: 5, integer: 10, long: 20 };

/** The type in which two decimals are compared, or are values of one column. */
export function commonDecimal(a: Digits, b: Digits): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  const kept = Math.min(scale, Math.max(0, precisionMax - whole));
  return { kind: "decimal", precision: Math.min(precisionMax, whole + scale), scale: kept };
}

/** The type of `a op b`. */
export function decimalResult(op: "+" | "-" | "*" | "/" | "%", a: Digits, b: Digits): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const wholes = [a.precision - a.scale, b.precision - b.scale];
  switch (op) {
    case "+":
    case "-":
      return adjusted({ precision: Math.max(...wholes) + scale + 1, scale });
    case "%":
      return adjusted({ precision: Math.min(...wholes) + scale, scale });
    case "*":
      return adjusted({ precision: a.precision + b.precision + 1, scale: a.scale + b.scale });
    case "/": {
      const digits = Math.max(6, a.scale + b.precision + 1);
      return adjusted({ precision: a.precision - a.scale + b.scale + digits, scale: digits });
    }
  }
}

/** Digits behind the point give way to those before it, down to six. */
function adjusted({ precision, scale }: Digits): DecimalType {
  if (precision <= precisionMax) return { kind: "decimal", precision, scale };
  const whole = precision - scale;
  return { kind: "decimal", precision: precisionMax, scale: Math.max(precisionMax - whole, Math.min(scale, 6)) };
}

/** The type of a decimal that is rounded to `digits` behind the point; below 0 before it. Spark's RoundBase. */
export function roundedDecimal({ precision, scale }: Digits, digits: number): DecimalType {
  const whole = precision - scale + 1;
  if (digits < 0) return { kind: "decimal", precision: Math.min(precisionMax, Math.max(whole, 1 - digits)), scale: 0 };
  const kept = Math.min(scale, digits);
  return { kind: "decimal", precision: Math.min(precisionMax, whole + kept), scale: kept };
}
