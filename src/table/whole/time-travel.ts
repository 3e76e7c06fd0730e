// table/whole/time-travel.ts: points in a table's history as a person names them.
import { AlluviumError } from "../../format/text/error.ts";

const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(\.\d{1,9})?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Milliseconds since the Unix epoch of a Date, or of ISO 8601 text; without a zone it is UTC. Fractions beyond the
 * millisecond are cut.
 * @throws AlluviumError `INVALID_ARGUMENT` when it is not a time
 */
export function parseTimestamp(value: string | Date): number {
  const ms = typeof value === "string" ? parseText(value.trim()) : value.getTime();
  if (!Number.isNaN(ms)) return ms;
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { timestamp: String(value) },
    `${JSON.stringify(String(value))} is not a time; write it as 2026-01-31T12:00:00.000Z (UTC when no zone is given)`,
  );
}

function parseText(text: string): number {
  const parts = iso.exec(text);
  if (parts === null) return Number.NaN;
  const [, day, time = "00:00:00", fraction = "", zone = "Z"] = parts;
  const seconds = time.length === 5 ? `${time}:00` : time;
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase();
  return Date.parse(`${day}T${seconds}${fraction.slice(0, 4)}${offset}`);
}
