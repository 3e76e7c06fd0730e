// test/expression/decimals.test.ts: arithmetic of decimals against whole numbers of any length. Spark's DecimalPrecision.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { SqlConnection } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { bindRowExpression } from "../../src/expression/predicate/bind-row-expression.ts";
import type { DecimalType, StructType } from "../../src/format/schema/schema.ts";
import { duckdbType } from "../../src/engine/duckdb/duckdb-type.ts";
import { AlluviumError, formatType } from "../../src/index.ts";
import { roundCount } from "../round-count.ts";

const engine = localEngine();
let connection: SqlConnection;
beforeAll(async () => {
  connection = await engine.sql.connect();
});
afterAll(() => engine[Symbol.asyncDispose]());

interface Decimal {
  readonly type: DecimalType;
  readonly unscaled: bigint;
}

const ten = (digits: number): bigint => 10n ** BigInt(digits);

const decimalOf = (precision: number, scale: number): fc.Arbitrary<Decimal> =>
  fc
    .tuple(fc.integer({ min: 0, max: precision }), fc.bigInt({ min: 0n, max: ten(38) }), fc.boolean())
    .map(([digits, value, isNegative]) => ({
      type: { kind: "decimal" as const, precision, scale },
      unscaled: (value % ten(digits)) * (isNegative ? -1n : 1n),
    }));

const decimal: fc.Arbitrary<Decimal> = fc
  .oneof(
    fc.tuple(fc.integer({ min: 1, max: 38 }), fc.integer({ min: 0, max: 38 })),
    fc.constantFrom([38, 18] as const, [18, 2] as const, [10, 0] as const, [38, 0] as const, [38, 38] as const),
  )
  .chain(([precision, scale]) => decimalOf(precision, Math.min(precision, scale)));

const text = ({ type: { scale }, unscaled }: Decimal): string => {
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  const whole = digits.slice(0, digits.length - scale);
  return `${unscaled < 0n ? "-" : ""}${whole}${scale === 0 ? "" : `.${digits.slice(-scale)}`}`;
};

/** n / d, half of a whole away from zero. */
function halfUp(n: bigint, d: bigint): bigint {
  const [a, b] = [n < 0n ? -n : n, d < 0n ? -d : d];
  const quotient = (2n * a + b) / (2n * b);
  return n < 0n === d < 0n ? quotient : -quotient;
}

type Operator = "+" | "-" | "*" | "/" | "%" | "div";

/** Spark's rule for the digits of a result, written as its documentation has it. */
function resultType(op: Operator, a: DecimalType, b: DecimalType): DecimalType {
  const [p1, s1, p2, s2] = [a.precision, a.scale, b.precision, b.scale];
  let [precision, scale] = [0, 0];
  if (op === "*") [precision, scale] = [p1 + p2 + 1, s1 + s2];
  else if (op === "/") {
    scale = Math.max(6, s1 + p2 + 1);
    precision = p1 - s1 + s2 + scale;
  } else {
    scale = Math.max(s1, s2);
    precision = op === "%" ? Math.min(p1 - s1, p2 - s2) + scale : Math.max(p1 - s1, p2 - s2) + scale + 1;
  }
  if (precision > 38) {
    scale = Math.max(38 - (precision - scale), Math.min(scale, 6));
    precision = 38;
  }
  return { kind: "decimal", precision, scale };
}

/** The exact value as a fraction. */
function exact(op: Operator, a: Decimal, b: Decimal): readonly [bigint, bigint] {
  const scale = Math.max(a.type.scale, b.type.scale);
  const [x, y] = [a.unscaled * ten(scale - a.type.scale), b.unscaled * ten(scale - b.type.scale)];
  switch (op) {
    case "+":
      return [x + y, ten(scale)];
    case "-":
      return [x - y, ten(scale)];
    case "*":
      return [a.unscaled * b.unscaled, ten(a.type.scale + b.type.scale)];
    case "/":
      return [x, y];
    case "%":
      return [x % y, ten(scale)];
    case "div":
      return [x / y, 1n];
  }
}

/** Where both sides are aligned before they are put together and then rounded, that alone may be an error. */
function mayOverflow(op: Operator, a: Decimal, b: Decimal): boolean {
  if (op === "*" || op === "/") return false;
  const scale = Math.max(a.type.scale, b.type.scale);
  const aligned = [a, b].map(({ type, unscaled }) => unscaled * ten(scale - type.scale));
  const [sum] = op === "+" || op === "-" ? exact(op, a, b) : [0n];
  return [...aligned, sum].some((value) => value >= ten(38) || value <= -ten(38));
}

function model(op: Operator, a: Decimal, b: Decimal): readonly string[] {
  if (b.unscaled === 0n && ["/", "%", "div"].includes(op)) return ["DIVIDE_BY_ZERO"];
  const [n, d] = exact(op, a, b);
  if (op === "div") {
    const fits = n >= -(2n ** 63n) && n < 2n ** 63n;
    const overflow = ["NUMERIC_VALUE_OUT_OF_RANGE"];
    return fits ? [`bigint ${n}`, ...(mayOverflow(op, a, b) ? overflow : [])] : overflow;
  }
  const type = resultType(op, a.type, b.type);
  const unscaled = halfUp(n * ten(type.scale), d);
  const size = unscaled < 0n ? -unscaled : unscaled;
  if (size >= ten(type.precision)) return ["NUMERIC_VALUE_OUT_OF_RANGE"];
  const answer = `${formatType(type)} ${text({ type, unscaled })}`;
  return mayOverflow(op, a, b) ? [answer, "NUMERIC_VALUE_OUT_OF_RANGE"] : [answer];
}

async function answer(expression: string, values: Readonly<Record<string, Decimal>>): Promise<string> {
  const fields = Object.entries(values).map(([name, { type }]) => ({ name, type, nullable: true, metadata: {} }));
  const schema: StructType = { kind: "struct", fields };
  const { sql, type } = bindRowExpression(expression, schema);
  const list = Object.entries(values).map(
    ([name, value]) => `CAST('${text(value)}' AS ${duckdbType(value.type)}) AS ${name}`,
  );
  try {
    const [row] = await connection.rows(
      `SELECT CAST(${sql} AS VARCHAR) AS v, typeof(${sql}) AS t FROM (SELECT ${list.join(", ")})`,
    );
    expect(String(row?.["t"])).toBe(type === null ? "" : duckdbType(type).replace(", ", ","));
    return `${type === null ? "" : formatType(type)} ${String(row?.["v"]).replace(/^(-?)\./, "$10.")}`;
  } catch (error) {
    // Too many digits for any decimal, or for the type of the result.
    if (error instanceof AlluviumError)
      return error.code.replace(/^(CAST_INVALID_INPUT|ARITHMETIC_OVERFLOW)$/, "NUMERIC_VALUE_OUT_OF_RANGE");
    throw error;
  }
}

test("sums, products, quotients and remainders of decimals are exact, rounded half up to Spark's digits, or an error", async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom<Operator>("+", "-", "*", "/", "%", "div"), decimal, decimal, async (op, x, y) => {
      expect(model(op, x, y)).toContain(await answer(`x ${op} y`, { x, y }));
    }),
    { seed: 20, numRuns: roundCount(400) },
  );
}, 120_000);

test("decimals are rounded half up, half to even, up and down, to any digit", async () => {
  const rules: Readonly<Record<string, (n: bigint, d: bigint) => bigint>> = {
    round: halfUp,
    bround: (n, d) => {
      const up = halfUp(n, d);
      const isHalf = (2n * (n < 0n ? -n : n)) % (2n * d) === d;
      return isHalf && up % 2n !== 0n ? up - (n < 0n ? -1n : 1n) : up;
    },
    ceil: (n, d) => n / d + (n > 0n && n % d !== 0n ? 1n : 0n),
    floor: (n, d) => n / d - (n < 0n && n % d !== 0n ? 1n : 0n),
  };
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(rules)),
      decimal,
      fc.integer({ min: -20, max: 38 }),
      async (name, x, digits) => {
        const { precision, scale } = x.type;
        const kept = Math.min(digits, scale);
        const whole = precision - scale + 1;
        const type: DecimalType = {
          kind: "decimal",
          precision: Math.min(38, digits < 0 ? Math.max(whole, 1 - digits) : whole + kept),
          scale: Math.max(0, kept),
        };
        const rounded = rules[name]?.(x.unscaled, ten(scale - kept)) ?? 0n;
        const unscaled = rounded * ten(Math.max(0, -kept));
        const fits = (unscaled < 0n ? -unscaled : unscaled) < ten(type.precision);
        const wanted = fits ? `${formatType(type)} ${text({ type, unscaled })}` : "NUMERIC_VALUE_OUT_OF_RANGE";
        expect(await answer(`${name}(x, ${digits})`, { x })).toBe(wanted);
      },
    ),
    { seed: 21, numRuns: roundCount(300) },
  );
}, 120_000);

test("null by zero is null, and by null everything is", async () => {
  const x: Decimal = { type: { kind: "decimal", precision: 5, scale: 2 }, unscaled: 100n };
  expect(await answer("CAST(NULL AS DECIMAL(5, 2)) / 0", { x })).toBe("decimal(9,6) null");
  expect(await answer("x / NULL", { x })).toBe("decimal(13,8) null");
});
