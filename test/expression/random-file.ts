// test/expression/random-file.ts: random rows of one file, their statistics, and random predicates about them.
import fc from "fast-check";

/** One row; dates are days, timestamps microseconds, decimals hundredths. */
export interface Row {
  readonly i: number | null;
  readonly x: number | null;
  readonly s: string | null;
  readonly d: number | null;
  readonly t: number | null;
  readonly m: number | null;
  readonly b: boolean | null;
}

/** Rows that share a partition value. */
export interface FileRows {
  readonly p: number | null;
  readonly rows: readonly Row[];
}

const orNull = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { nil: null, freq: 4 });

const letters = fc.string({ unit: fc.constantFrom("a", "b", "é", "\ue000", "😀", "z"), maxLength: 4 });

/** Random rows with few distinct values, so that predicates hit. */
export function row(): fc.Arbitrary<Row> {
  return fc.record({
    i: orNull(fc.integer({ min: -3, max: 3 })),
    x: orNull(fc.constantFrom(-1.5, -0, 0, 1, 2.5, Number.NaN, Number.POSITIVE_INFINITY)),
    s: orNull(letters),
    d: orNull(fc.integer({ min: 19_720, max: 19_724 })),
    t: orNull(fc.integer({ min: -2500, max: 2500 })),
    m: orNull(fc.integer({ min: -300, max: 300 })),
    b: orNull(fc.boolean()),
  });
}

/** One to six rows. */
export function fileRows(): fc.Arbitrary<FileRows> {
  return fc.record({
    p: orNull(fc.integer({ min: 0, max: 2 })),
    rows: fc.array(row(), { minLength: 1, maxLength: 6 }),
  });
}

const quote = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
const instant = (micros: number): string => `timestamp_micros(${micros}L)`;
const literalTimestamp = (ms: number): string => `TIMESTAMP'${new Date(ms).toISOString()}'`;

const literals: Readonly<Record<string, fc.Arbitrary<string>>> = {
  p: fc.integer({ min: -1, max: 3 }).map(String),
  i: fc.oneof(fc.integer({ min: -4, max: 4 }).map(String), fc.constantFrom("1.5", "'2'", "NULL", "2L", "0.5D")),
  x: fc.constantFrom("0", "0.0D", "-0.0D", "1", "2.5", "double('NaN')", "double('Infinity')", "NULL", "'1'"),
  s: fc.oneof(letters.map(quote), fc.constant("NULL")),
  d: fc.constantFrom(
    "DATE'2023-12-31'",
    "'2024-01-01'",
    "TIMESTAMP'2024-01-01 00:00:00'",
    "TIMESTAMP_NTZ'2024-01-01 12:00:00'",
  ),
  t: fc.oneof(
    fc.integer({ min: -3, max: 3 }).map(literalTimestamp),
    fc.integer({ min: -2600, max: 2600 }).map(instant),
  ),
  m: fc.constantFrom("1", "0.5", "-1.005", "99999", "'1.25'", "1.25D", "NULL"),
  b: fc.constantFrom("true", "false", "NULL"),
};

const column = fc.constantFrom(...Object.keys(literals));
const comparison = fc.constantFrom("=", "<=>", "<>", "<", "<=", ">", ">=");

const leaf: fc.Arbitrary<string> = column.chain((name) => {
  const literal = literals[name] ?? fc.constant("NULL");
  return fc.oneof(
    fc.tuple(comparison, literal).map(([op, value]) => `${name} ${op} ${value}`),
    fc.tuple(comparison, literal).map(([op, value]) => `${value} ${op} ${name}`),
    fc.array(literal, { minLength: 1, maxLength: 3 }).map((values) => `${name} IN (${values.join(", ")})`),
    fc.tuple(literal, literal).map(([low, high]) => `${name} BETWEEN ${low} AND ${high}`),
    fc.constantFrom(`${name} IS NULL`, `${name} IS NOT NULL`, "b", "NULL", "true", "i < p", "i + 1 = p"),
    letters.map((prefix) => `s LIKE ${quote(`${prefix}%`)}`),
    letters.map((prefix) => `startswith(s, ${quote(prefix)})`),
    letters.map((prefix) => `s > ${quote(prefix)}`),
  );
});

/** Predicates of up to a few levels. */
export function predicateText(): fc.Arbitrary<string> {
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      leaf,
      fc.tuple(tie("tree"), fc.constantFrom("AND", "OR"), tie("tree")).map(([a, op, b]) => `(${a}) ${op} (${b})`),
      tie("tree").map((a) => `NOT (${a})`),
      tie("tree").map((a) => `(${a}) IS NOT NULL`),
      tie("tree").map((a) => `(${a}) IS TRUE`),
    ),
  }));
  return tree;
}

/** The rows as a DuckDB SELECT. */
export function valuesSql({ p, rows }: FileRows): string {
  const number = (value: number | null): string =>
    value === null ? "NULL" : Object.is(value, -0) ? "'-0.0'" : `'${value}'`;
  const selects = rows.map(
    ({ i, x, s, d, t, m, b }) =>
      `SELECT ${number(p)}::INT AS p, ${number(i)}::INT AS i, ${number(x)}::DOUBLE AS x, ${s === null ? "NULL" : `'${s}'`}::VARCHAR AS s, ` +
      `DATE '1970-01-01' + ${number(d)}::INT AS d, make_timestamptz(${number(t)}::BIGINT) AS t, ` +
      `CAST(${m === null ? "NULL" : `'${(m / 100).toFixed(2)}'`} AS DECIMAL(5,2)) AS m, ${String(b)}::BOOLEAN AS b`,
  );
  return selects.join(" UNION ALL ");
}

/** The statistics that a writer would keep; when not exact, bounds are cut off as Delta allows. */
export function statsText({ rows }: FileRows, isExact: boolean): string {
  const day = (days: number): string => new Date(days * 86_400_000).toISOString().slice(0, 10);
  const ms = (micros: number): string => new Date(Math.floor(micros / 1000)).toISOString();
  const bounds = (pick: (values: readonly number[]) => number): object => {
    const of = (name: "i" | "x" | "d" | "t" | "m"): number | undefined => {
      const values = rows
        .map((r) => r[name])
        .filter((value): value is number => value !== null && !Number.isNaN(value));
      return values.length === 0 ? undefined : pick(values);
    };
    const [d, t, m, x] = [of("d"), of("t"), of("m"), of("x")];
    return {
      i: of("i"),
      x: x === Number.POSITIVE_INFINITY ? "Infinity" : x,
      d: d === undefined ? undefined : day(d),
      t: t === undefined ? undefined : ms(t),
      m: m === undefined ? undefined : m / 100,
    };
  };
  const texts = rows.map(({ s }) => s).filter((s): s is string => s !== null);
  const sorted = texts.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const cut = (text: string | undefined): string | undefined =>
    text === undefined || isExact ? text : String.fromCodePoint(...(text === "" ? [] : [text.codePointAt(0) ?? 0]));
  const max = sorted.at(-1);
  return JSON.stringify({
    numRecords: rows.length,
    minValues: { ...bounds((values) => Math.min(...values)), s: cut(sorted[0]) },
    maxValues: {
      ...bounds((values) => Math.max(...values)),
      s: max === undefined || isExact ? max : `${cut(max) ?? ""}\u{10ffff}`,
    },
    nullCount: Object.fromEntries(
      (["i", "x", "s", "d", "t", "m", "b"] as const).map((name) => [name, rows.filter((r) => r[name] === null).length]),
    ),
  });
}
