// table/whole/time-travel.ts: points in a table's history as a person names them.
import { AlluviumError } from "../../format/text/error.ts";

/**
 * Milliseconds since the Unix epoch of a Date, or of text as `timestampMsOf` reads it.
 * @throws AlluviumError `INVALID_ARGUMENT` when it is not a time
 */
export function parseTimestamp(value: string | Date): number {
  // Digits alone may be meant as a version.
  const ms = typeof value === "string" ? (/^\s*\d*\s*$/.test(value) ? null : timestampMsOf(value)) : value.getTime();
  if (ms !== null && !Number.isNaN(ms)) return ms;
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { timestamp: String(value) },
    `${JSON.stringify(String(value))} is not a time; write it as 2026-01-31T12:00:00.000Z (UTC when no zone is given)`,
  );
}

/** A timestamp as Spark casts it from text (ISO 8601), in milliseconds since the Unix epoch, rounded down; UTC without a zone. Null for what is none. */
export function timestampMsOf(text: string): number | null {
  const match = timestampPattern.exec(text.trim());
  if (match === null) return null;
  const part = (name: string, otherwise: number): number => Number(match.groups?.[name] ?? otherwise);
  const fraction = (match.groups?.["fraction"] ?? "").padEnd(3, "0").slice(0, 3);
  const date = new Date(0);
  date.setUTCFullYear(part("year", 0), part("month", 1) - 1, part("day", 1));
  date.setUTCHours(part("hour", 0), part("minute", 0), part("second", 0), Number(fraction));
  const isReal =
    date.getUTCMonth() === part("month", 1) - 1 &&
    date.getUTCDate() === part("day", 1) &&
    part("hour", 0) < 24 &&
    part("minute", 0) < 60 &&
    part("second", 0) < 60;
  const zoneMinutes = parseZoneMinutes(match.groups?.["zone"] ?? "Z");
  return isReal && zoneMinutes !== null ? date.getTime() - zoneMinutes * 60_000 : null;
}

const timestampPattern =
  /^(?<year>[+-]?\d{4,6})(?:-(?<month>\d{1,2})(?:-(?<day>\d{1,2})(?:[ T](?:(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:\.(?<fraction>\d{0,9}))?)?)?)?\s*(?<zone>[A-Za-z0-9+:-]+)?)?)?$/i;

/** Minutes east of Greenwich of `Z`, `UTC`, `GMT+2`, `+02`, `+0230` or `-02:30`; null for anything else. */
function parseZoneMinutes(zone: string): number | null {
  const match = /^(?:Z|(?:UTC|GMT|UT)?(?:(?<sign>[+-])(?<hours>\d{1,2}):?(?<minutes>\d{2})?)?)$/i.exec(zone);
  if (match === null) return null;
  const minutes = Number(match.groups?.["hours"] ?? 0) * 60 + Number(match.groups?.["minutes"] ?? 0);
  if (minutes > 18 * 60 || Number(match.groups?.["minutes"] ?? 0) > 59) return null;
  return match.groups?.["sign"] === "-" ? -minutes : minutes;
}
