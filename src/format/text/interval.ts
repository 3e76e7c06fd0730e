// format/text/interval.ts: time spans as Spark writes them in properties and options: "interval 30 days", "1 week", "2 hours 30 minutes".

/**
 * Length of an interval in milliseconds, or null when the text is not one. "interval" may come first; units are
 * microsecond(s) to week(s), in any case. Months and years are refused: their length is not fixed.
 */
export function parseInterval(text: string): number | null {
  const words = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s+/, "");
  if (words === "") return null;
  let micros = 0;
  let position = 0;
  for (const match of words.matchAll(/\s*([+-]?)\s*(\d+(?:\.\d+)?)\s+([a-z]+)/gy)) {
    const [part, sign, amount, unit] = match;
    const unitMicros = unit === undefined ? undefined : unitsMicros.get(unit.replace(/s$/, ""));
    // As in Spark, only seconds have a fraction.
    if (unitMicros === undefined || (amount?.includes(".") === true && unitMicros !== secondMicros)) return null;
    micros += (sign === "-" ? -1 : 1) * Number(amount) * unitMicros;
    position = match.index + part.length;
  }
  return position === words.length ? Math.floor(micros / 1000) : null;
}

const secondMicros = 1_000_000;

const unitsMicros: ReadonlyMap<string, number> = new Map([
  ["microsecond", 1],
  ["millisecond", 1000],
  ["second", secondMicros],
  ["minute", 60 * secondMicros],
  ["hour", 3600 * secondMicros],
  ["day", 24 * 3600 * secondMicros],
  ["week", 7 * 24 * 3600 * secondMicros],
]);
