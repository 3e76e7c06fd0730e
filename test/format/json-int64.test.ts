import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatJson, parseJson } from "../../src/format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../src/format/text/json.ts";

const nullObject = (entries: readonly (readonly [string, JsonValue])[]): JsonObject => {
  const object = Object.create(null) as Record<string, JsonValue>;
  for (const [key, value] of entries) object[key] = value;
  return object;
};

const { json } = fc.letrec<{ json: JsonValue }>((tie) => ({
  json: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<JsonValue>(null, true, false),
    fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }).map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((n) => !Number.isInteger(n) || Number.isSafeInteger(n)),
    fc.string({ unit: "binary" }),
    fc.constantFrom("number0:0", '\\"9007199254740993', "\u006eumber0:0", "\\", '"'),
    fc.array(tie("json")),
    fc.array(fc.tuple(fc.oneof(fc.string(), fc.constant("__proto__")), tie("json"))).map(nullObject),
  ),
}));

describe("JSON", () => {
  test("what is written is read back, integers of any size included", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseJson(formatJson(value))).toStrictEqual(value);
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  test("agrees with JSON.parse on what is JSON, also beside long numbers", () => {
    const piece = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"a"',
      '"\\"',
      "1",
      "-",
      ".",
      "e",
      "12345678901234567890",
      "0",
      " ",
      '"',
      "\\",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join("");
        const accepts = (parse: (text: string) => unknown): boolean => {
          try {
            parse(text);
            return true;
          } catch {
            return false;
          }
        };
        fc.pre(!/\de\d{4}/.test(text));
        expect(accepts(parseJson)).toBe(accepts(JSON.parse));
      }),
      { seed: 3, numRuns: 5000 },
    );
  });

  test.each([
    ["9007199254740991", 9007199254740991],
    ["9007199254740992", 9007199254740992n],
    ["-9007199254740992", -9007199254740992n],
    ["9223372036854775807", 9223372036854775807n],
    ["[1.2345678901234567890]", [Number("1.2345678901234567890")]],
    ["1e20", 1e20],
  ])("%s becomes %s", (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  test("a long number that stands as a key is refused", () => {
    expect(() => parseJson('{12345678901234567890:"a"}')).toThrow(SyntaxError);
  });

  test("of duplicate keys the last one wins", () => {
    expect(formatJson(parseJson('{"a":1,"a":12345678901234567890}'))).toBe('{"a":12345678901234567890}');
  });

  test("__proto__ is a key like any other", () => {
    const value = parseJson('{"__proto__":{"polluted":9007199254740993}}') as JsonObject;
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect(formatJson(value)).toBe('{"__proto__":{"polluted":9007199254740993}}');
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("hostile nesting is a SyntaxError and not a stack overflow", () => {
    for (const inner of ["1", "12345678901234567890"]) {
      expect(() => parseJson("[".repeat(200_000) + inner + "]".repeat(200_000))).toThrow(SyntaxError);
    }
    expect(() => parseJson("[".repeat(1000) + "]".repeat(1000))).not.toThrow();
  });

  test("a number beyond a double is refused instead of becoming null", () => {
    expect(() => parseJson('{"a":1e400}')).toThrow(SyntaxError);
  });
});
