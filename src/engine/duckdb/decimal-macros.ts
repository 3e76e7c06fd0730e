// engine/duckdb/decimal-macros.ts: quotients and products of decimals, exact and rounded half up, over their unscaled whole numbers of at
// most 38 digits. DuckDB's own quotient is a double, and its product must fit 128 bits before it is rounded.

/** `(n, d)`: n / d in whole numbers, of which neither has more than 18 digits. */
export const shortRatio = "alluvium_short_ratio";

/** `(n, d)`: n / d in whole numbers of 38 digits. */
export const ratio = "alluvium_ratio";

/** `(n, d, more)`: n * 10^more / d, where the numerator need not fit 128 bits; `more` is a number written out. */
export const longRatio = "alluvium_long_ratio";

/** `(a, b, up, down)`: a * b / down, where the product need not fit 128 bits, and `up * down` is 10^38. */
export const longProduct = "alluvium_long_product";

/** `(a, b, down)`: a * b / (10^38 * down); the digits below 10^38 are not looked at, so `down` is at least 10. */
export const longestProduct = "alluvium_longest_product";

/** What DuckDB is to fail with where a divisor is zero. */
export const divideByZero = "error('DIVIDE_BY_ZERO: division by zero; try_divide and try_mod give null instead')";

/** `(sum, most)`: a sum of decimals, and an error where it is above `most` or below its opposite. A PIVOT takes one call of `sum` only. */
export const decimalSum = "alluvium_decimal_sum";

/** The same, and null there. */
export const tryDecimalSum = "alluvium_try_decimal_sum";

const sumOverflow =
  "error('ARITHMETIC_OVERFLOW: a sum of decimals has more than 38 digits; try_sum gives null instead')";

/** An expression over values that are computed once, however often it names them. */
function over(name: string, values: string, body: string): string {
  // A column of the same name would hide the parameter.
  const parameter = `alluvium_${name}`;
  const named = body.replaceAll(new RegExp(`(?<![.\\w])${name}\\.`, "g"), `${parameter}.`);
  return `list_extract(list_transform([struct_pack(${values})], lambda ${parameter}: ${named}), 1)`;
}

const opposite = (v: string, a: string, b: string): string => `(${v}.${a} < 0) <> (${v}.${b} < 0)`;
const signed = (sql: string, isNegative: string): string =>
  `(${sql}) * (CASE WHEN ${isNegative} THEN CAST(-1 AS BIGINT) ELSE CAST(1 AS BIGINT) END)`;
/** 1 where the rest is half of the divisor or more. */
const carry = (rest: string, divisor: string): string =>
  `(CASE WHEN ${rest} >= ${divisor} - (${rest}) THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END)`;
/** n / d of numbers that are not negative. */
const halfUp = (n: string, d: string): string =>
  over("x", `n := ${n}, d := ${d}, q := (${n}) // (${d})`, `x.q + ${carry("x.n - x.q * x.d", "x.d")}`);

const nonZero = (sql: string): string => `CASE WHEN v.d = 0 AND v.n IS NOT NULL THEN ${divideByZero} ELSE ${sql} END`;
const quotient = (type: string): string =>
  over(
    "v",
    `n := CAST(n AS ${type}), d := CAST(d AS ${type})`,
    nonZero(signed(halfUp("abs(v.n)", "abs(v.d)"), opposite("v", "n", "d"))),
  );

// Long division, a digit at a time. Ten times the rest may not fit, so the digit is told by a tenth of the divisor, `t` and `m` tenths
// of one: from what that says it differs by one at most.
const wide = (sql: string): string => `CAST(${sql} AS HUGEINT)`;
const guess =
  "CASE WHEN alluvium_a.t = 0 THEN (10 * alluvium_a.r) // alluvium_a.m ELSE least(9, alluvium_a.r // alluvium_a.t) END";
const step = over(
  "x",
  "a := y.a, g := y.g - (CASE WHEN y.a.r < y.g * y.a.t + (y.g * y.a.m + 9) // 10 THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END)",
  "struct_pack(q := x.a.q * 10 + x.g, r := 10 * (x.a.r - x.g * x.a.t) - x.g * x.a.m, t := x.a.t, m := x.a.m)",
);
const begin =
  "struct_pack(q := abs(v.n) // abs(v.d), r := abs(v.n) % abs(v.d), t := abs(v.d) // 10, m := abs(v.d) % 10)";
const digits = `list_reduce([${begin}] || list_transform(range(more), lambda alluvium_i: ${begin}), lambda alluvium_a, alluvium_b: ${over("y", `a := alluvium_a, g := ${guess}`, step)})`;
const rounded = over("s", `e := ${digits}, d := abs(v.d)`, `s.e.q + ${carry("s.e.r", "s.d")}`);
const power = (exponent: string): string => wide(`rpad('1', 1 + ${exponent}, '0')`);
const longQuotient = over(
  "v",
  "n := n, d := d",
  nonZero(
    `CASE WHEN v.n IS NULL OR v.d IS NULL THEN NULL WHEN abs(v.n) < ${power("greatest(38 - more, 0)")} THEN ${ratio}(v.n * ${power("least(more, 38)")}, v.d) ELSE ${signed(rounded, opposite("v", "n", "d"))} END`,
  ),
);

// The product in two parts, `h` above 38 digits and `l` below, from halves of 19 digits; `p` and `s` cross over in the middle.
const base = wide("10000000000000000000");
const products = over(
  "v",
  `a := abs(u.a), b := abs(u.b), c := abs(u.a) // ${base}, d := abs(u.b) // ${base}`,
  over(
    "w",
    `c := v.c, d := v.d, a := v.a - v.c * ${base}, b := v.b - v.d * ${base}`,
    "struct_pack(h := w.c * w.d, p := w.c * w.b, s := w.a * w.d, l := w.a * w.b)",
  ),
);
const tens = over(
  "x",
  `x := ${products}`,
  `struct_pack(x := x.x, p := x.x.p // ${base}, s := x.x.s // ${base}, l := x.x.l // ${base})`,
);
const middles = over(
  "y",
  `y := ${tens}`,
  `struct_pack(y := y.y, m := y.y.x.p - y.y.p * ${base} + y.y.x.s - y.y.s * ${base} + y.y.l)`,
);
const carried = `(CASE WHEN z.z.m >= 2 * ${base} THEN CAST(2 AS BIGINT) WHEN z.z.m >= ${base} THEN CAST(1 AS BIGINT) ELSE CAST(0 AS BIGINT) END)`;
const parts = over(
  "z",
  `z := ${middles}`,
  `struct_pack(h := z.z.y.x.h + z.z.y.p + z.z.y.s + ${carried}, l := (z.z.m - ${carried} * ${base}) * ${base} + (z.z.y.x.l - z.z.y.l * ${base}))`,
);
const product = (sum: string, otherwise: string): string =>
  over(
    "u",
    "a := a, b := b",
    signed(
      `CASE WHEN u.a IS NULL OR u.b IS NULL THEN NULL ${sum} ELSE ${over("p", `x := ${parts}`, otherwise)} END`,
      opposite("u", "a", "b"),
    ),
  );
// A double is off by far less than the tenth that is left.
const fits = "WHEN abs(CAST(u.a AS DOUBLE) * CAST(u.b AS DOUBLE)) < 1e37 THEN";

/** The statements that make them. */
export const decimalMacros: readonly string[] = [
  `CREATE MACRO ${decimalSum}(s, most) AS CASE WHEN s BETWEEN -most AND most THEN s WHEN s IS NOT NULL THEN ${sumOverflow} END`,
  `CREATE MACRO ${tryDecimalSum}(s, most) AS CASE WHEN s BETWEEN -most AND most THEN s END`,
  `CREATE MACRO ${shortRatio}(n, d) AS ${quotient("BIGINT")}`,
  `CREATE MACRO ${ratio}(n, d) AS ${quotient("HUGEINT")}`,
  `CREATE MACRO ${longRatio}(n, d, more) AS ${longQuotient}`,
  `CREATE MACRO ${longProduct}(a, b, up, down) AS ${product(`${fits} ${halfUp("abs(u.a * u.b)", "down")}`, `p.x.h * up + ${halfUp("p.x.l", "down")}`)}`,
  `CREATE MACRO ${longestProduct}(a, b, down) AS ${product("", halfUp("p.x.h", "down"))}`,
];
