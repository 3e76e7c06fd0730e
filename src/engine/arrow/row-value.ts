// engine/arrow/row-value.ts: single JavaScript values as the exact numbers that Arrow stores. Nothing is rounded: what does not fit is refused.

/** Why a value was refused, as the rest of "… is not a T: …". */
export class ValueRefused extends Error {}

/** A whole number within `bits` bits, signed. */
export function integerOf(value: unknown, bits: 8 | 16 | 32): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) throw new ValueRefused("expected a whole number");
  const max = 2 ** (bits - 1) - 1;
  if (number < -max - 1 || number > max) throw new ValueRefused(`expected a number from ${-max - 1} to ${max}`);
  return number;
}

/** A whole number of 64 bits: a bigint, or a number that is exact. */
export function longOf(value: unknown): bigint {
  if (typeof value === "bigint") {
    if (BigInt.asIntN(64, value) !== value) throw new ValueRefused("expected a number of at most 64 bits");
    return value;
  }
  if (typeof value !== "number" || !Number.isInteger(value))
    throw new ValueRefused("expected a whole number or a bigint");
  if (!Number.isSafeInteger(value)) throw new ValueRefused("a number this large is not exact; give it as a bigint");
  return BigInt(value);
}

/** A double; whole bigints pass when a double holds them exactly. */
export function doubleOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint" && BigInt(Number(value)) === value) return Number(value);
  throw new ValueRefused("expected a number");
}

/** A float: the nearest to the number, which must be in its range. */
export function floatOf(value: unknown): number {
  const double = doubleOf(value);
  const float = Math.fround(double);
  if (Number.isFinite(double) && !Number.isFinite(float)) throw new ValueRefused("it is out of the range of a float");
  return float;
}

/** A decimal as its unscaled whole number: from text, a number, a bigint, or four 32-bit words as Arrow gives them. */
export function decimalOf(value: unknown, precision: number, scale: number): bigint {
  const unscaled =
    value instanceof Uint32Array && value.length === 4 ? wordsOf(value) : unscaledOf(decimalText(value), scale);
  const magnitude = unscaled < 0n ? -unscaled : unscaled;
  if (magnitude >= 10n ** BigInt(precision))
    throw new ValueRefused(`it has more than ${precision - scale} digits before the point`);
  return unscaled;
}

/** Days since the epoch: a Date at midnight UTC, or `yyyy-MM-dd`. */
export function daysOf(value: unknown): number {
  if (value instanceof Date) {
    const days = validTime(value) / dayMs;
    if (!Number.isInteger(days))
      throw new ValueRefused("the Date has a time of day; give midnight UTC or text like '2024-01-31'");
    return days;
  }
  const match = typeof value === "string" ? datePattern.exec(value.trim()) : null;
  if (match === null) throw new ValueRefused("expected a Date or text like '2024-01-31'");
  return daysOfParts(match[1] ?? "", match[2] ?? "", match[3] ?? "");
}

/** Microseconds since the epoch: a Date, a bigint of microseconds, or ISO text. Text without a zone is UTC. */
export function microsOf(value: unknown, isZoned: boolean): bigint {
  if (value instanceof Date) return BigInt(validTime(value)) * 1000n;
  if (typeof value === "bigint") return inInt64(value);
  const match = typeof value === "string" ? timestampPattern.exec(value.trim()) : null;
  if (match === null)
    throw new ValueRefused("expected a Date, a bigint of microseconds, or text like '2024-01-31T12:34:56.789Z'");
  const [, year = "", month = "", day = "", hour = "0", minute = "0", second = "0", fraction = "", zone = ""] = match;
  if (!isZoned && zone !== "") throw new ValueRefused("a timestamp without time zone must not name one");
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    throw new ValueRefused("there is no such time of day");
  const days = daysOfParts(year, month, day);
  return inInt64(
    BigInt(days) * 86_400_000_000n + BigInt(seconds - zoneSeconds(zone)) * 1_000_000n + fractionMicros(fraction),
  );
}

const dayMs = 86_400_000;
const datePattern = /^([+-]?\d{4,6})-(\d{2})-(\d{2})$/;
const timestampPattern =
  /^([+-]?\d{4,6})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?\s*(Z|z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;
const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

function validTime(date: Date): number {
  const time = date.getTime();
  if (Number.isNaN(time)) throw new ValueRefused("the Date is invalid");
  return time;
}

function daysOfParts(year: string, month: string, day: string): number {
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const isSame = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  if (!isSame) throw new ValueRefused("there is no such day");
  return date.getTime() / dayMs;
}

function zoneSeconds(zone: string): number {
  const match = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone);
  if (match === null) return 0;
  const seconds = Number(match[2]) * 3600 + Number(match[3] ?? "0") * 60;
  return match[1] === "-" ? -seconds : seconds;
}

function fractionMicros(fraction: string): bigint {
  if (!/^\d{0,6}0*$/.test(fraction)) throw new ValueRefused("it is finer than microseconds");
  return BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

function inInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new ValueRefused("it is out of range");
  return value;
}

function decimalText(value: unknown): string {
  if (typeof value === "string") return value.trim();
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  throw new ValueRefused("expected decimal text, a finite number or a bigint");
}

function unscaledOf(text: string, scale: number): bigint {
  const match = decimalPattern.exec(text);
  const whole = match?.[2] ?? "";
  const fraction = match?.[3] ?? "";
  if (match === null || whole + fraction === "") throw new ValueRefused("expected decimal text such as '12.50'");
  const shift = scale - fraction.length + Number(match[4] ?? "0");
  const digits = whole + fraction;
  const dropped = shift < 0 ? digits.slice(shift) : "";
  if (/[1-9]/.test(dropped))
    throw new ValueRefused(`it has more than ${scale} digits after the point, and would be rounded`);
  const kept = shift < 0 ? digits.slice(0, shift) : digits.replace(/^0+/, "");
  if (kept.length + shift > 80) throw new ValueRefused("it has too many digits");
  const magnitude = BigInt((kept === "" ? "0" : kept) + "0".repeat(Math.max(0, kept === "" ? 0 : shift)));
  return match[1] === "-" ? -magnitude : magnitude;
}

function wordsOf(words: Uint32Array): bigint {
  const unsigned = words.reduceRight((sum, word) => (sum << 32n) | BigInt(word), 0n);
  return BigInt.asIntN(128, unsigned);
}
