// stream/source/option-values.ts: values of options, read as the JVM and Spark read them.

/** A whole number of 32 bits as Java reads it, or null. */
export function parseInt32(text: string): number | null {
  const number = parseInt64(text);
  return number === null || number > 2_147_483_647n || number < -2_147_483_648n ? null : Number(number);
}

/** A whole number of 64 bits as Java reads it, or null. */
export function parseInt64(text: string): bigint | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const number = BigInt(text.startsWith("+") ? text.slice(1) : text);
  return BigInt.asIntN(64, number) === number ? number : null;
}

/** A timestamp as Spark casts it from text, in milliseconds since the Unix epoch, rounded down; UTC without a zone. */
export function parseTimestampMs(text: string): number | null {
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
  /^(?<year>[+-]?\d{4,6})(?:-(?<month>\d{1,2})(?:-(?<day>\d{1,2})(?:[ T](?:(?<hour>\d{1,2}):(?<minute>\d{1,2})(?::(?<second>\d{1,2})(?:\.(?<fraction>\d{0,9}))?)?)? *(?<zone>[A-Za-z0-9+:-]+)?)?)?)?$/;

/** Minutes east of Greenwich of `Z`, `UTC`, `GMT+2`, `+02`, `+0230` or `-02:30`; null for anything else. */
function parseZoneMinutes(zone: string): number | null {
  const match = /^(?:Z|(?:UTC|GMT|UT)?(?:(?<sign>[+-])(?<hours>\d{1,2}):?(?<minutes>\d{2})?)?)$/i.exec(zone);
  if (match === null) return null;
  const minutes = Number(match.groups?.["hours"] ?? 0) * 60 + Number(match.groups?.["minutes"] ?? 0);
  if (minutes > 18 * 60 || Number(match.groups?.["minutes"] ?? 0) > 59) return null;
  return match.groups?.["sign"] === "-" ? -minutes : minutes;
}
