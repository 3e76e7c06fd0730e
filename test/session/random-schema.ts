// test/session/random-schema.ts: random columns and random rows for the random queries: awkward names, all types, awkward values.
import fc from "fast-check";

/**
 * What a query asks of a column: k text, v a small whole number, b a long, d a decimal, x a floating-point number, ts the event time,
 * g anything that can be grouped by, m anything at all.
 */
export const roles = ["k", "v", "b", "d", "x", "ts", "g", "m"] as const;

/** See `roles`. */
export type Role = (typeof roles)[number];

/** A row by role, as it is appended. */
export type RandomRow = Readonly<Record<Role, unknown>>;

/** The columns of `e` and `f`. */
export interface RandomSchema {
  readonly columns: Readonly<Record<Role, { readonly name: string; readonly type: string }>>;
  /** For names that a table without column mapping may not have. */
  readonly isMapped: boolean;
  /** What the columns of chance may hold. */
  readonly values: { readonly [role in Role]: fc.Arbitrary<unknown> };
}

const { constantFrom, integer, nat, oneof, record } = fc;

const words: readonly (string | null)[] = ["a", "b", "ab", "", "é", "日本語", "😀b", "it's", "a\\b", "A ", null];
const small = fc.option(integer({ min: -2, max: 4 }), { nil: null, freq: 5 });
const real = constantFrom(-1.5, -0, 0, 0.5, 1, 2, 2.5, NaN, Infinity, -Infinity, null);
const decimals = constantFrom("-3", "-0.5", "0", "0.5", "1", "2", "4.5", null);
const instants = [-62_135_596_800_000_000n, -1n, 0n, 1_704_067_200_123_456n, 253_402_300_799_999_999n, null] as const;
const bytes = constantFrom(new Uint8Array(), new Uint8Array([0, 255]), new Uint8Array([195, 40]), null);
const texts = constantFrom(...words);

/** A type and its values. */
interface Choice {
  readonly type: string;
  readonly values: fc.Arbitrary<unknown>;
}

const choice = (type: string, values: fc.Arbitrary<unknown>): Choice => ({ type, values });

const groupable: readonly Choice[] = [
  choice("STRING", texts),
  choice("DOUBLE", real),
  choice("FLOAT", real),
  choice("BOOLEAN", constantFrom(true, false, null)),
  choice("BINARY", bytes),
  choice("DATE", constantFrom("0001-01-01", "1969-12-31", "2024-02-29", "9999-12-31", null)),
  choice("TIMESTAMP", constantFrom(...instants)),
  choice("TIMESTAMP_NTZ", constantFrom(...instants)),
  choice("BIGINT", constantFrom(-9_223_372_036_854_775_808n, 9_007_199_254_740_993n, 0n, null)),
  choice("DECIMAL(38,18)", constantFrom("99999999999999999999.999999999999999999", "-0.000000000000000001", "0", null)),
  choice("STRUCT<a: INT, `b-é`: STRING>", fc.option(record({ a: small, "b-é": texts }), { nil: null, freq: 4 })),
  choice("ARRAY<DOUBLE>", fc.option(fc.array(real, { maxLength: 2 }), { nil: null, freq: 4 })),
  choice(
    "ARRAY<STRUCT<a: STRING>>",
    fc.option(fc.array(record({ a: texts }), { maxLength: 2 }), { nil: null, freq: 4 }),
  ),
];

const anything: readonly Choice[] = [
  ...groupable,
  choice(
    "MAP<STRING, INT>",
    fc.option(
      fc
        .uniqueArray(fc.tuple(constantFrom("", "a", "日"), small), { maxLength: 2, selector: ([key]) => key })
        .map((entries) => new Map(entries)),
      { nil: null, freq: 4 },
    ),
  ),
];

/** Names of Spark's words, of our own tables and columns, with quotes, dots and letters of all the world. */
const names: readonly string[] = [
  ..."k v b d x ts g m select from order group value start end count date map struct all".split(" "),
  ..."e f s l r live batch rows groups __id __op __t __k0 __k1 __time __any __n0 __expiry __matched".split(" "),
  ..."odd-name x`y q\"q ünï 日本 a.b 1 $1 it's a[0] Key __a0 __r key0 filename file_row_number rowid __row __file __present".split(
    " ",
  ),
];
const mappedNames: readonly string[] = ["two words", "a,b", "p(q)", "{}", "a=b", "t\tb"];

/** Columns with distinct names, each of a type that its role can have. */
export const randomSchema: fc.Arbitrary<RandomSchema> = fc.boolean().chain((isMapped) =>
  record({
    names: oneof(
      { weight: 1, arbitrary: fc.constant<readonly string[]>(roles) },
      {
        weight: 3,
        arbitrary: fc.uniqueArray(constantFrom(...names, ...(isMapped ? mappedNames : [])), {
          minLength: roles.length,
          maxLength: roles.length,
          selector: (name) => name.toLowerCase(),
        }),
      },
    ),
    v: constantFrom("INT", "SMALLINT", "TINYINT", "BIGINT"),
    d: constantFrom("DECIMAL(10,2)", "DECIMAL(5,1)", "DECIMAL(20,6)", "DECIMAL(38,10)"),
    x: constantFrom("DOUBLE", "FLOAT"),
    g: constantFrom(...groupable),
    m: constantFrom(...anything),
  }).map(({ names: chosen, v, d, x, g, m }) => {
    const column = (role: Role, type: string) => ({ name: chosen[roles.indexOf(role)] ?? role, type });
    return {
      isMapped,
      columns: {
        k: column("k", "STRING"),
        v: column("v", v),
        b: column("b", "BIGINT"),
        d: column("d", d),
        x: column("x", x),
        ts: column("ts", "TIMESTAMP"),
        g: column("g", g.type),
        m: column("m", m.type),
      },
      values: {
        k: oneof({ weight: 3, arbitrary: constantFrom("a", "b") }, { weight: 1, arbitrary: texts }),
        v: small,
        b: oneof(
          { weight: 4, arbitrary: small.map((value) => (value === null ? 7n : BigInt(value) * 10n)) },
          { weight: 1, arbitrary: constantFrom(9_007_199_254_740_993n, null) },
        ),
        d: decimals,
        x: real,
        ts: fc.option(
          record({ at: nat(40), micros: constantFrom(0n, 0n, 1n, 999_999n) }).map(
            ({ at, micros }) => timeOf(at) + micros,
          ),
          { nil: null, freq: 12 },
        ),
        g: g.values,
        m: m.values,
      },
    };
  }),
);

/** Microseconds of a second of the day on which everything happens. */
export const timeOf = (second: number): bigint => (1_704_067_200n + BigInt(second)) * 1_000_000n;

/** A query or a list of columns, in which `$k` and the like stand for the columns of these roles. */
export function inColumns(text: string, { columns }: RandomSchema): string {
  return text.replaceAll(/\$(ts|[kvbdxgm])\b/g, (_, role: Role) => `\`${columns[role].name.replaceAll("`", "``")}\``);
}

/** The columns as CREATE TABLE has them. */
export const columnsSql = (schema: RandomSchema): string =>
  inColumns(roles.map((role) => `$${role} ${schema.columns[role].type}`).join(", "), schema);

/** A random row. */
export const randomRow = ({ values }: RandomSchema): fc.Arbitrary<RandomRow> => record(values);

/** After all there is: every watermark passes, and every window closes but its own. */
export const lastRow: RandomRow = {
  k: "last",
  v: 100,
  b: 1000n,
  d: "0",
  x: 0,
  ts: timeOf(1000),
  g: null,
  m: null,
};
