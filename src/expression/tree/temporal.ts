// expression/tree/temporal.ts: dates and timestamps as Spark's literals and casts spell them. The session's zone is UTC.

/** A point on the calendar, and whether the text named a zone. */
export interface ParsedTimestamp {
  /** Microseconds since the Unix epoch, UTC unless a zone was named. */
  readonly micros: bigint;
  /** The same whatever zone was named. */
  readonly localMicros: bigint;
  readonly hasZone: boolean;
}

const dateText = /^([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s;
const timestampText =
  /^([+-]?\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d{0,9}))?)?)?\s*(\S.*)?)?)?)?$/s;
const offsetText = /^(?:UTC|GMT|UT)?(?:([+-])(\d{1,2})(?::?(\d{2})(?::?(\d{2}))?)?)?$/;

/** Days since the epoch, or null when the text is no date. What follows the day behind a space or `T` is ignored, as Spark does. */
export function parseDate(text: string): number | null {
  const found = dateText.exec(text.trim());
  return found === null ? null : daysOf(Number(found[1]), Number(found[2] ?? 1), Number(found[3] ?? 1));
}

/** Microseconds since the epoch, or null when the text is no timestamp. More than six digits of a second are cut off. */
export function parseTimestamp(text: string): ParsedTimestamp | null {
  const found = timestampText.exec(text.trim());
  if (found === null) return null;
  const days = daysOf(Number(found[1]), Number(found[2] ?? 1), Number(found[3] ?? 1));
  const [hour, minute, second] = [Number(found[4] ?? 0), Number(found[5] ?? 0), Number(found[6] ?? 0)];
  if (days === null || hour > 23 || minute > 59 || second > 59) return null;
  const fraction = Number((found[7] ?? "").padEnd(6, "0").slice(0, 6));
  const local =
    BigInt(days) * microsPerDay + BigInt(hour * 3600 + minute * 60 + second) * 1_000_000n + BigInt(fraction);
  const zone = found[8]?.trim();
  if (zone === undefined) return { micros: local, localMicros: local, hasZone: false };
  const offsetSeconds = zoneOffsetSeconds(zone, local);
  return offsetSeconds === null
    ? null
    : { micros: local - BigInt(offsetSeconds) * 1_000_000n, localMicros: local, hasZone: true };
}

/** `YYYY-MM-DD` for days since the epoch, or null outside the years 1 to 9999. */
export function formatDate(days: number): string | null {
  const date = new Date(days * 86_400_000);
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9999 ? date.toISOString().slice(0, 10) : null;
}

/** Microseconds of one day. */
export const microsPerDay: bigint = 86_400_000_000n;

function daysOf(year: number, month: number, day: number): number | null {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  const isReal = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return isReal ? date.getTime() / 86_400_000 : null;
}

const dayMs = 86_400_000;

function zoneOffsetSeconds(zone: string, localMicros: bigint): number | null {
  if (zone === "Z") return 0;
  const fixed = offsetText.exec(zone);
  if (fixed !== null) {
    const seconds = Number(fixed[2] ?? 0) * 3600 + Number(fixed[3] ?? 0) * 60 + Number(fixed[4] ?? 0);
    return seconds > 18 * 3600 ? null : fixed[1] === "-" ? -seconds : seconds;
  }
  try {
    const localMs = Number(localMicros / 1000n);
    // Where clocks are put back an hour is there twice, where they are put forward it is not there at all: in both cases Java, and so
    // Spark, reads it by the offset from before.
    const [before, after] = [-dayMs, dayMs].map((step) => regionOffsetMs(zone, localMs + step)) as [number, number];
    const isAfter = before !== after && regionOffsetMs(zone, localMs - before) !== before;
    return (isAfter && regionOffsetMs(zone, localMs - after) === after ? after : before) / 1000;
  } catch {
    return null; // not a zone that this machine knows
  }
}

/** How far a region's clocks are ahead of UTC at an instant. */
function regionOffsetMs(zone: string, instantMs: number): number {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  const part = new Map(format.formatToParts(instantMs).map(({ type, value }) => [type, Number(value)]));
  const get = (name: Intl.DateTimeFormatPartTypes): number => part.get(name) ?? 0;
  const shown = Date.UTC(get("year"), get("month") - 1, get("day"), get("hour"), get("minute"), get("second"));
  return shown - Math.floor(instantMs / 1000) * 1000;
}
