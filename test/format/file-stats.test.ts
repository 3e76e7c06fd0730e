import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  boundAt,
  ExactNumber,
  formatStats,
  hasBounds,
  nullCountAt,
  nullCounts,
  parseStats,
  readBound,
} from "../../src/format/value/file-stats.ts";
import { statsColumns, statTree, toStatValue, truncateMax, truncateMin } from "../../src/format/value/file-stats.ts";
import type { PartitionScalar } from "../../src/format/value/partition-value.ts";
import type { DataType, PrimitiveName, StructType } from "../../src/format/schema/schema.ts";
import { compareText } from "../../src/format/text/utf8-order.ts";

const primitive = (name: PrimitiveName): DataType => ({ kind: "primitive", name });
const decimal = (precision: number, scale: number): DataType => ({ kind: "decimal", precision, scale });
const struct = (fields: Readonly<Record<string, DataType>>): StructType => ({
  kind: "struct",
  fields: Object.entries(fields).map(([name, type]) => ({ name, type, nullable: true, metadata: {} })),
});
const int = primitive("integer");
const codePoints = (text: string): readonly string[] => Array.from(text);
const utf8Order = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

describe("text of statistics", () => {
  const text =
    '{"numRecords":3,"minValues":{"id":-9223372036854775808,"n":{"d":1.50,"x":"1"},"dec":12345678901234567890.12},"maxValues":{"id":9223372036854775807,"n":{"d":"NaN"},"ts":"1970-01-01T00:00:00.000Z"},"nullCount":{"id":0,"n":{"d":2}},"tightBounds":false}';

  test("is read without losing a digit", () => {
    const stats = parseStats(text);
    expect(stats?.numRecords).toBe(3);
    expect(stats?.tightBounds).toBe(false);
    expect(boundAt(stats?.minValues ?? {}, ["id"])).toBe(-9223372036854775808n);
    expect(boundAt(stats?.minValues ?? {}, ["dec"])).toEqual(new ExactNumber("12345678901234567890.12"));
    expect(boundAt(stats?.minValues ?? {}, ["n", "x"])).toBe("1");
    expect(boundAt(stats?.minValues ?? {}, ["n"])).toBeUndefined();
    expect(nullCountAt(stats?.nullCount ?? {}, ["n", "d"])).toBe(2);
    expect(nullCountAt(stats?.nullCount ?? {}, ["absent", "d"])).toBeUndefined();
  });

  test("that was read is written again the same, but for zeros at the end of fractions", () => {
    const stats = parseStats(text);
    expect(stats && formatStats(stats)).toBe(text.replace("1.50", "1.5"));
  });

  test("in Spark's words", () => {
    const minValues = statTree([
      [["i"], toStatValue(7, int)],
      [["l"], toStatValue(-9223372036854775808n, primitive("long"))],
      [["s", "d"], toStatValue(0, primitive("double"))],
      [["s", "f"], toStatValue(Math.fround(1.1), primitive("float"))],
      [["s", "n"], toStatValue(Number.NaN, primitive("double"))],
      [["dec"], toStatValue("1.50", decimal(5, 2))],
      [["dt"], toStatValue(0, primitive("date"))],
      [["ts"], toStatValue(-1n, primitive("timestamp"))],
      [["ntz"], toStatValue(1_999n, primitive("timestamp_ntz"))],
      [["b"], toStatValue(true, primitive("boolean"))],
      [["nothing"], toStatValue(null, int)],
    ]);
    expect(
      formatStats({ numRecords: 1, minValues, maxValues: statTree([]), nullCount: nullCounts([[["b"], 0]]) }),
    ).toBe(
      '{"numRecords":1,"minValues":{"i":7,"l":-9223372036854775808,"s":{"d":0.0,"f":1.1,"n":"NaN"},"dec":1.50,"dt":"1970-01-01","ts":"1969-12-31T23:59:59.999Z","ntz":"1970-01-01T00:00:00.001"},"nullCount":{"b":0}}',
    );
  });

  test("that makes no sense is no statistics, and never an error", () => {
    for (const bad of ["", "{", "[]", "7", "null", '{"a":1e999}']) expect(parseStats(bad)).toBeNull();
    const partly = parseStats(
      '{"numRecords":"3","minValues":7,"maxValues":{"a":[1],"b":null,"__proto__":{"c":1}},"nullCount":{"a":-1,"b":1.5,"c":4}}',
    );
    expect(partly && formatStats(partly)).toBe('{"maxValues":{"__proto__":{"c":1}},"nullCount":{"c":4}}');
  });
});

describe("bounds", () => {
  const typed: fc.Arbitrary<readonly [DataType, PartitionScalar]> = fc.oneof(
    fc.tuple(fc.constant(int), fc.integer()),
    fc.tuple(fc.constant(primitive("long")), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
    fc.tuple(fc.constant(primitive("float")), fc.float()),
    fc.tuple(fc.constant(primitive("double")), fc.double()),
    fc.tuple(fc.constant(primitive("string")), fc.string({ unit: "binary" })),
    fc.tuple(fc.constant(primitive("date")), fc.integer({ min: -4_000_000, max: 4_000_000 })),
    fc.bigInt({ min: -(10n ** 37n), max: 10n ** 37n }).map((n): [DataType, string] => [decimal(38, 0), n.toString()]),
  );

  test("are written and read back", () => {
    fc.assert(
      fc.property(typed, ([type, value]) => {
        const text = formatStats({
          minValues: statTree([[["a", "b"], toStatValue(value, type)]]),
          maxValues: {},
          nullCount: {},
        });
        expect(readBound(boundAt(parseStats(text)?.minValues ?? {}, ["a", "b"]), type, "min")).toEqual(value);
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  test("of timestamps hold for every microsecond, though they are cut to milliseconds", () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
        fc.constantFrom(primitive("timestamp"), primitive("timestamp_ntz")),
        (micros, type) => {
          const stat = toStatValue(micros, type) ?? undefined;
          const min = readBound(stat, type, "min") as bigint;
          const max = readBound(stat, type, "max") as bigint;
          expect(min <= micros && micros <= max && max - min === 1000n).toBe(true);
        },
      ),
      { seed: 3 },
    );
  });

  test.each([
    [1.1, primitive("float"), Math.fround(1.1)],
    ["-Infinity", primitive("double"), Number.NEGATIVE_INFINITY],
    [5, primitive("double"), 5],
    [5, decimal(5, 2), "5.00"],
    ["1.5", decimal(5, 2), "1.50"],
    [new ExactNumber("1E-7"), decimal(7, 7), "0.0000001"],
    ["2020-01-01T00:00:00.123-08:00", primitive("timestamp"), 1_577_865_600_123_000n],
    ["1970-01-01 00:00:00.000", primitive("timestamp_ntz"), 0n],
    ["x", int, null],
    [1.5, int, null],
    ["x", primitive("date"), null],
    ["eA==", primitive("binary"), null],
    [undefined, int, null],
  ] as const)("%s for %j reads as %s", (stat, type, value) => {
    expect(readBound(stat, type, "min")).toEqual(value);
  });
});

describe("text that is cut off", () => {
  const long = fc.string({ unit: "binary", minLength: 20, maxLength: 90 });
  const hard = fc
    .array(fc.constantFrom("\u{10ffff}", "\u{10fffe}", "\uffff", "\ue000", "😀", "\u007f", "a", "~"), {
      minLength: 25,
      maxLength: 80,
    })
    .map((parts) => parts.join(""));

  test("stays a bound in UTF-8 order, of about 32 code points, and splits none", () => {
    fc.assert(
      fc.property(fc.oneof(long, hard), (text) => {
        const min = truncateMin(text);
        expect(text.startsWith(min)).toBe(true);
        expect(codePoints(min).length).toBe(Math.min(32, codePoints(text).length));
        const max = truncateMax(text);
        if (max === null) {
          expect(
            codePoints(text)
              .slice(32, 65)
              .every((c) => c === "\u{10ffff}"),
          ).toBe(true);
          return;
        }
        expect(utf8Order(text, max)).toBeLessThanOrEqual(0);
        expect(Buffer.from(max).toString()).toBe(max);
        if (codePoints(text).length <= 32) expect(max).toBe(text);
        else if ((codePoints(text)[32] ?? "") < "\u{10ffff}") expect(codePoints(max).length).toBeLessThanOrEqual(33);
      }),
      { seed: 3, numRuns: 3000 },
    );
  });

  test("ends in the smallest tie-breaker that is enough", () => {
    const a = "a".repeat(32);
    expect(truncateMax(`${a}b`)).toBe(`${a}\u007f`);
    expect(truncateMax(`${a}\u007f`)).toBe(`${a}\u{10ffff}`);
    expect(truncateMax(`${a}é`)).toBe(`${a}\u{10ffff}`);
    expect(truncateMax(`${a}\u{10ffff}`)).toBe(`${a}\u{10ffff}`);
    expect(truncateMax(`${a}\u{10ffff}bc`)).toBe(`${a}\u{10ffff}\u007f`);
    expect(truncateMax("\u{10ffff}".repeat(100))).toBeNull();
    expect(truncateMax("abc", 0)).toBeNull();
  });

  test("is compared as its UTF-8 bytes are", () => {
    const unit = fc.constantFrom("a", "\ud7ff", "\ue000", "\uffff", "\u{10000}", "\u{10ffff}");
    const text = fc.array(unit, { maxLength: 4 }).map((units) => units.join(""));
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(utf8Order(a, b));
      }),
      { seed: 3, numRuns: 1000 },
    );
  });
});

describe("columns with statistics", () => {
  const schema = struct({
    a: int,
    P: int,
    s: struct({ x: int, T: struct({ y: int, z: int }) }),
    l: { kind: "array", elementType: struct({ q: int }), containsNull: true },
    "b.c": int,
  });
  const columns = (count: number, named: readonly (readonly string[])[] | null = null): readonly string[] =>
    statsColumns(schema, ["p"], { dataSkippingNumIndexedCols: count, dataSkippingStatsColumns: named }).map((path) =>
      path.join("/"),
    );

  test("are the first leaves, partition columns left out", () => {
    expect(columns(-1)).toEqual(["a", "s/x", "s/T/y", "s/T/z", "l", "b.c"]);
    expect(columns(3)).toEqual(["a", "s/x", "s/T/y"]);
    expect(columns(0)).toEqual([]);
    expect(columns(32)).toHaveLength(6);
  });

  test("or those named, in any case and in schema order; unknown names count for nothing", () => {
    expect(columns(32, [["B.C"], ["S", "t"], ["nope"], ["p"], ["a", "x"]])).toEqual(["s/T/y", "s/T/z", "b.c"]);
    expect(columns(32, [["s"], ["s", "x"]])).toEqual(["s/x"]);
    expect(columns(32, [])).toEqual([]);
  });

  test("have bounds where their type is ordered and not boolean or binary", () => {
    const names: readonly PrimitiveName[] = [
      "byte",
      "short",
      "integer",
      "long",
      "float",
      "double",
      "string",
      "date",
      "timestamp",
      "timestamp_ntz",
    ];
    expect(names.every((name) => hasBounds(primitive(name)))).toBe(true);
    expect(hasBounds(decimal(1, 0))).toBe(true);
    expect((["boolean", "binary", "void", "variant"] as const).some((name) => hasBounds(primitive(name)))).toBe(false);
    expect(hasBounds(schema)).toBe(false);
  });
});
