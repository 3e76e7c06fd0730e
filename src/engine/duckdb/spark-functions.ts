// engine/duckdb/spark-functions.ts: functions of Spark that DuckDB lacks, as functions of JavaScript that every database here knows.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { AlluviumError } from "../../format/text/error.ts";
import type { PrimitiveName } from "../../format/schema/schema.ts";
import type { UserFunction } from "../base/engine.ts";
import { murmur3, xxHash64 } from "./spark-hash.ts";
import type { HashedAs } from "./spark-hash.ts";

/** They are called `alluvium_` and Spark's name, but for those that hash one value with a seed. */
export const sparkFunctions: readonly UserFunction[] = [
  provided("crc32", "long", (value) => (value === null ? null : BigInt(crc32(value as string | Uint8Array)))),
  provided("sha2", "string", (value, bits) => sha2(value as string | Uint8Array | null, bits as number | null)),
  provided("soundex", "string", (value) => (value === null ? null : soundex(value as string))),
  provided("conv", "string", (value, from, to) =>
    value === null || from === null || to === null ? null : convert(value as string, from as number, to as number),
  ),
  provided("murmur3", "integer", (seed, how, value) => murmur3(seed as number, how as HashedAs, value)),
  provided("xxhash64", "long", (seed, how, value) => xxHash64(seed as bigint, how as HashedAs, value)),
];

function provided(
  name: string,
  returnType: PrimitiveName,
  call: (...args: readonly unknown[]) => unknown,
): UserFunction {
  return {
    name,
    sqlName: `alluvium_${name}`,
    returnType: { kind: "primitive", name: returnType },
    isVolatile: false,
    call,
  };
}

/** In hexadecimal; 0 bits are 256, and other numbers of bits than those of SHA-2 give null. */
function sha2(value: string | Uint8Array | null, bits: number | null): string | null {
  if (value === null || bits === null || ![0, 224, 256, 384, 512].includes(bits)) return null;
  return createHash(`sha${bits === 0 ? 256 : bits}`)
    .update(value)
    .digest("hex");
}

/** The digit of each letter; 7 is a letter that does not part two equal digits. */
const soundexDigits = "01230127022455012623017202";

/** One letter and three digits; a text that does not begin with a letter of ASCII is its own answer. */
function soundex(text: string): string {
  const letters = text.replaceAll(/[a-z]/g, (letter) => letter.toUpperCase());
  const digitAt = (index: number): string => soundexDigits[letters.charCodeAt(index) - 65] ?? "";
  if (digitAt(0) === "") return text;
  let [code, last] = [letters.slice(0, 1), digitAt(0)];
  for (let index = 1; index < letters.length && code.length < 4; index += 1) {
    const digit = digitAt(index);
    if (digit === "7") continue;
    if (digit !== "" && digit !== "0" && digit !== last) code += digit;
    last = digit === "" ? "0" : digit;
  }
  return code.padEnd(4, "0");
}

const longest = 2n ** 64n - 1n;

/** The whole number at the beginning of a text, from one base to another; negative bases tell signed numbers. */
function convert(text: string, from: number, to: number): string | null {
  const digits = text.replaceAll(/^ +| +$/g, "");
  const base = Math.abs(to);
  if (digits === "" || from < 2 || from > 36 || base < 2 || base > 36) return null;
  const isNegative = digits.startsWith("-");
  let value = unsigned(isNegative ? digits.slice(1) : digits, from);
  if (value > longest) {
    const message = `conv: ${digits} is beyond 64 bits`;
    throw new AlluviumError("ARITHMETIC_OVERFLOW", { value: digits }, message);
  }
  if (isNegative && to > 0) value = value > longest >> 1n ? longest : BigInt.asUintN(64, -value);
  const isSigned = to < 0 && (isNegative || value > longest >> 1n);
  if (to < 0 && value > longest >> 1n) value = BigInt.asUintN(64, -value);
  return `${isSigned ? "-" : ""}${value.toString(base).toUpperCase()}`;
}

/** Up to the first letter that is no digit. */
function unsigned(digits: string, base: number): bigint {
  let value = 0n;
  for (const letter of digits) {
    const digit = /[0-9a-z]/i.test(letter) ? Number.parseInt(letter, 36) : base;
    if (digit >= base) break;
    value = value * BigInt(base) + BigInt(digit);
    if (value > longest) break;
  }
  return value;
}
