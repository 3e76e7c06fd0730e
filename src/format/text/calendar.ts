// format/text/calendar.ts: dates and timestamps as text, in the proleptic Gregorian calendar and UTC.

/** Days since 1970-01-01 of `yyyy-MM-dd` (a time after it is ignored), or null. Signed years of up to 7 digits are taken. */
export function parseDate(text: string): number | null {
  const match = /^([+-]?\d{4,7})-(\d{1,2})-(\d{1,2})(?:[ T].*)?$/.exec(text.trim());
  return match === null ? null : toDays(Number(match[1]), Number(match[2]), Number(match[3]));
}

/** `yyyy-MM-dd`; as in Java, years above 9999 have a plus sign, years before 0 a minus sign. */
export function formatDate(days: number): string {
  const { year, month, day } = fromDays(days);
  return `${formatYear(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

/**
 * Microseconds since 1970-01-01T00:00:00Z, or null. Takes `yyyy-MM-dd`, `yyyy-MM-dd HH:mm[:ss[.fraction]]` and the same
 * with `T`, each with an optional `Z`, `UTC` or offset; without one it is UTC. Digits after the sixth are cut off.
 * @param hasZone false for timestamp_ntz: an offset is then ignored
 */
export function parseTimestamp(text: string, hasZone = true): bigint | null {
  const match = timestampPattern.exec(text.trim());
  if (match === null) return null;
  const [
    ,
    year,
    month,
    day,
    hour = "0",
    minute = "0",
    second = "0",
    fraction = "",
    sign,
    offsetHour = "0",
    offsetMinute = "0",
  ] = match;
  const days = toDays(Number(year), Number(month), Number(day));
  if (days === null || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return null;
  if (Number(offsetHour) > 18 || Number(offsetMinute) > 59) return null;
  const offset = hasZone ? (Number(offsetHour) * 60 + Number(offsetMinute)) * (sign === "-" ? -60 : 60) : 0;
  const seconds = days * daySeconds + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset;
  return BigInt(seconds) * 1_000_000n + BigInt(fraction.slice(0, 6).padEnd(6, "0"));
}

/** `yyyy-MM-ddTHH:mm:ss.SSSSSSZ`: the form that the protocol recommends for partition values. */
export function formatTimestamp(micros: bigint): string {
  const { date, time, fraction } = splitMicros(micros);
  return `${date}T${time}.${fraction}Z`;
}

/** `yyyy-MM-dd HH:mm:ss`, with `.SSSSSS` where that is not zero. */
export function formatTimestampNtz(micros: bigint): string {
  const { date, time, fraction } = splitMicros(micros);
  return fraction === "000000" ? `${date} ${time}` : `${date} ${time}.${fraction}`;
}

/** `yyyy-MM-ddTHH:mm:ss.SSS`, cut down to whole milliseconds: the form of statistics, without a zone. */
export function formatTimestampMs(micros: bigint): string {
  const { date, time, fraction } = splitMicros(micros);
  return `${date}T${time}.${fraction.slice(0, 3)}`;
}

const timestampPattern =
  /^([+-]?\d{4,7})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,9}))?)?\s*(?:Z|UTC|GMT|(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d{2}))?)?)?$/;
const daySeconds = 86_400;

// Howard Hinnant's method: years begin in March, so that the leap day comes last.
function toDays(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

function fromDays(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const leaps = Math.floor(dayOfEra / 1460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return { year, month, day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1 };
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function splitMicros(micros: bigint): { readonly date: string; readonly time: string; readonly fraction: string } {
  const dayMicros = BigInt(daySeconds) * 1_000_000n;
  const inDay = ((micros % dayMicros) + dayMicros) % dayMicros;
  const days = Number((micros - inDay) / dayMicros);
  const seconds = Number(inDay / 1_000_000n);
  const time = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(twoDigits).join(":");
  return { date: formatDate(days), time, fraction: String(inDay % 1_000_000n).padStart(6, "0") };
}

function formatYear(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, "0");
  return year < 0 ? `-${digits}` : year > 9999 ? `+${digits}` : digits;
}

const twoDigits = (value: number): string => String(value).padStart(2, "0");
