// stream/plan/trigger.ts: when a query looks for new data. Spark's `Trigger`; docs/STREAMING.md, section 7.
import { AlluviumError } from "../../format/text/error.ts";

/** `intervalMs` 0 is the default trigger: the next batch starts as soon as there is data. */
export type Trigger =
  | { readonly kind: "processingTime"; readonly intervalMs: number }
  | { readonly kind: "once" }
  | { readonly kind: "availableNow" };

/** What a caller may write for a trigger: exactly one of the keys. A number is milliseconds. */
export interface TriggerInput {
  readonly processingTime?: string | number;
  readonly once?: boolean;
  readonly availableNow?: boolean;
}

/** As soon as there is data. */
export const defaultTrigger: Trigger = { kind: "processingTime", intervalMs: 0 };

/**
 * Reads a trigger: Spark's keyword form, or the command line's words `once`, `available-now` and intervals such as `4 seconds`.
 * @throws AlluviumError `INVALID_TRIGGER` when it is none of these, when it names none or several, or when `once` or `availableNow` is not true
 */
export function parseTrigger(input: TriggerInput | string): Trigger {
  if (typeof input === "string") return parseTriggerText(input);
  const given = Object.entries(input as Readonly<Record<string, unknown>>).filter(([, value]) => value !== undefined);
  const [only] = given;
  if (only === undefined || given.length > 1) {
    const names = given.map(([name]) => name).join(", ");
    throw invalid(
      names,
      `a trigger is exactly one of processingTime, once and availableNow, but ${names === "" ? "none" : names} was given`,
    );
  }
  const [name, value] = only;
  switch (name) {
    case "processingTime":
      return { kind: "processingTime", intervalMs: parseProcessingTime(value) };
    case "once":
    case "availableNow":
      if (value !== true)
        throw invalid(name, `trigger ${name} takes only the value true, not ${JSON.stringify(value)}`);
      return { kind: name };
    default:
      throw invalid(name, `no trigger is named ${JSON.stringify(name)}; use processingTime, once or availableNow`);
  }
}

/**
 * The next tick of a processing-time trigger: ticks sit on multiples of the interval since the epoch, and the next one is counted from
 * the start of the trigger that ran, so missed ticks are not made up.
 * @param intervalMs above 0
 */
export function nextTickMs(intervalMs: number, triggerStartMs: number): number {
  return Math.floor(triggerStartMs / intervalMs) * intervalMs + intervalMs;
}

/**
 * Milliseconds of a Spark interval such as `4 seconds`, `1 minute 30 seconds`, `interval 0.5 seconds`. Parts of a millisecond are cut off.
 * @throws AlluviumError `INVALID_TRIGGER` when it cannot be read, is negative, or counts in months or years
 */
export function parseIntervalMs(text: string): number {
  const words = text.trim().toLowerCase().split(/\s+/u);
  if (words[0] === "interval") words.shift();
  if (words.length === 0 || words.length % 2 !== 0 || words[0] === "") throw unreadable(text);
  let micros = 0;
  for (let index = 0; index < words.length; index += 2)
    micros += partMicros(words[index] ?? "", words[index + 1] ?? "", text);
  if (micros < 0) throw invalid(text, `the trigger interval ${JSON.stringify(text)} is negative`);
  const intervalMs = Math.floor(micros / 1000);
  if (!Number.isSafeInteger(intervalMs))
    throw invalid(text, `the trigger interval ${JSON.stringify(text)} is too long`);
  return intervalMs;
}

const unitMicros: ReadonlyMap<string, number> = new Map([
  ["microsecond", 1],
  ["millisecond", 1000],
  ["second", 1_000_000],
  ["minute", 60_000_000],
  ["hour", 3_600_000_000],
  ["day", 86_400_000_000],
  ["week", 604_800_000_000],
]);

function partMicros(amount: string, unitWord: string, text: string): number {
  const unit = unitWord.endsWith("s") ? unitWord.slice(0, -1) : unitWord;
  if (unit === "month" || unit === "year") {
    throw invalid(
      text,
      `the trigger interval ${JSON.stringify(text)} counts in ${unit}s, which have no fixed length; use weeks or smaller units`,
    );
  }
  const micros = unitMicros.get(unit);
  // Spark takes a fraction for seconds only.
  const pattern = unit === "second" ? /^[+-]?(\d+\.?\d{0,9}|\.\d{1,9})$/u : /^[+-]?\d+$/u;
  if (micros === undefined || !pattern.test(amount)) throw unreadable(text);
  return Math.trunc(Number(amount) * micros);
}

function parseTriggerText(text: string): Trigger {
  const word = text.trim().toLowerCase().replaceAll(/[-_]/gu, "");
  if (word === "once") return { kind: "once" };
  if (word === "availablenow") return { kind: "availableNow" };
  return { kind: "processingTime", intervalMs: parseIntervalMs(text) };
}

function parseProcessingTime(value: unknown): number {
  if (typeof value === "string") return parseIntervalMs(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalid(
    String(value),
    `processingTime is an interval such as "4 seconds" or a whole number of milliseconds, not ${JSON.stringify(value)}`,
  );
}

function unreadable(text: string): AlluviumError {
  return invalid(
    text,
    `cannot read the trigger interval ${JSON.stringify(text)}: write numbers and units, such as "4 seconds" or "1 minute 30 seconds"`,
  );
}

function invalid(trigger: string, message: string): AlluviumError {
  return new AlluviumError("INVALID_TRIGGER", { trigger }, message);
}
