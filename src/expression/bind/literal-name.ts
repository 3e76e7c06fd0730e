// expression/bind/literal-name.ts: literals and intervals as Spark shows them in the names of columns.
import { formatDouble, formatFloat } from "../../format/text/java-number.ts";
import type { DataType } from "../../format/schema/schema.ts";
import type { Literal } from "../tree/expression.ts";
import type { Syntax } from "../tree/syntax.ts";
import { primitiveName } from "../tree/value-type.ts";

/** Numbers and texts bare, all others with the word of their type; times in UTC. */
export function literalName(literal: Literal, type: DataType): string {
  switch (literal.type) {
    case "null":
      return "NULL";
    case "boolean":
    case "integer":
      return String(literal.value);
    case "decimal":
      return literal.text;
    case "double":
      return primitiveName(type) === "float" ? formatFloat(literal.value) : formatDouble(literal.value);
    case "string":
      return literal.value;
    case "binary":
      return `X'${Array.from(literal.value, (byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("")}'`;
    case "date":
      return `DATE '${new Date(literal.days * 86_400_000).toISOString().slice(0, 10)}'`;
    case "timestamp":
      return `TIMESTAMP '${timeName(literal.micros)}'`;
    case "timestamp_ntz":
      return `TIMESTAMP_NTZ '${timeName(literal.micros)}'`;
  }
}

/** Day and time, with as many digits of the second as it needs. */
function timeName(micros: bigint): string {
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const text = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, 19).replace("T", " ");
  return rest === 0n ? text : `${text}.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
}

type IntervalParts = Extract<Syntax, { kind: "interval" }>["parts"];

/** An interval as Spark's ANSI literal: from the largest of its units to the smallest. */
export function intervalName(parts: IntervalParts): string {
  const total = (scales: Readonly<Record<string, bigint>>): bigint =>
    parts.reduce((sum, { amount, unit }) => sum + scaled(amount, scales[unit] ?? 0n), 0n);
  const given = (units: Readonly<Record<string, string>>): readonly string[] =>
    parts.flatMap(({ unit }) => units[unit] ?? []);
  const months = given({ year: "YEAR", quarter: "MONTH", month: "MONTH" });
  if (months.length > 0) return monthsName(total({ year: 12n, quarter: 3n, month: 1n }), months);
  const fields = given(dayFields).map((field) => dayUnits.indexOf(field));
  return daysName(total(micros), Math.min(...fields), Math.max(...fields));
}

const second = 1_000_000n;
const micros: Readonly<Record<string, bigint>> = {
  week: 604_800n * second,
  day: 86_400n * second,
  hour: 3600n * second,
  minute: 60n * second,
  second,
  millisecond: 1000n,
  microsecond: 1n,
};
const dayUnits = ["DAY", "HOUR", "MINUTE", "SECOND"];
const dayFields: Readonly<Record<string, string>> = {
  week: "DAY",
  day: "DAY",
  hour: "HOUR",
  minute: "MINUTE",
  second: "SECOND",
  millisecond: "SECOND",
  microsecond: "SECOND",
};

/** An amount with at most six digits after the point, in units of `scale`. */
function scaled(amount: string, scale: bigint): bigint {
  const [whole = "0", fraction = ""] = amount.split(".");
  const part = (BigInt(fraction.slice(0, 6).padEnd(6, "0")) * scale) / second;
  return BigInt(whole) * scale + (amount.startsWith("-") ? -part : part);
}

function monthsName(months: bigint, units: readonly string[]): string {
  const sign = months < 0n ? "-" : "";
  const size = months < 0n ? -months : months;
  if (!units.includes("YEAR")) return `INTERVAL '${months}' MONTH`;
  if (!units.includes("MONTH")) return `INTERVAL '${sign}${size / 12n}' YEAR`;
  return `INTERVAL '${sign}${size / 12n}-${size % 12n}' YEAR TO MONTH`;
}

/** @param first index of the largest unit in `dayUnits`, `last` that of the smallest */
function daysName(amount: bigint, first: number, last: number): string {
  let rest = amount < 0n ? -amount : amount;
  let text = amount < 0n ? "-" : "";
  for (let unit = first; unit <= last; unit += 1) {
    const size = micros[(dayUnits[unit] ?? "").toLowerCase()] ?? 1n;
    const digits = String(rest / size);
    rest %= size;
    text += unit === 0 ? digits : `${unit === first ? "" : unit === 1 ? " " : ":"}${digits.padStart(2, "0")}`;
  }
  const fraction = rest === 0n ? "" : `.${String(rest).padStart(6, "0").replace(/0+$/, "")}`;
  const units = first === last ? dayUnits[first] : `${dayUnits[first]} TO ${dayUnits[last]}`;
  return `INTERVAL '${text}${fraction}' ${units}`;
}
