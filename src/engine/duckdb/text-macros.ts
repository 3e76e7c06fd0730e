// engine/duckdb/text-macros.ts: texts as Spark's casts read them, in the spelling that DuckDB reads as the same value; null for a text
// that Spark does not read. DuckDB reads other spellings, and not all of Spark's.

/** The texts of numbers, truth values, dates and times without a zone, by what they are read as. */
export const readableText = {
  whole: "alluvium_whole_text",
  exact: "alluvium_exact_text",
  real: "alluvium_real_text",
  truth: "alluvium_truth_text",
  date: "alluvium_date_text",
  time: "alluvium_time_text",
} as const;

/** `(text)`: the zone at the end of a time, empty where there is none. */
export const zoneText = "alluvium_zone_text";

/** `(text)`: whether a time is spelled so that DuckDB reads it as Spark does, and much sooner. */
export const isPlainInstant = "alluvium_is_plain_instant";

/** `(local, zone)`: when clocks of a zone show a time. An hour that is there twice is its first, as in Java; DuckDB takes the second. */
export const instantIn = "alluvium_instant_in";

const space = "[\\x00-\\x20]*";
const full = (pattern: string): string => `regexp_full_match(value, '${space}(?:${pattern})${space}')`;
const when = (pattern: string, text: string): string => `CASE WHEN ${full(pattern)} THEN ${text} END`;

const digits = "(?:[0-9]+[.]?[0-9]*|[.][0-9]+)(?:[eE][+-]?[0-9]+)?";
const day = "([+-]?[0-9]{4,7})(?:-([0-9]{1,2})(?:-([0-9]{1,2})";
const clock = "([01]?[0-9]|2[0-3])(?::([0-5]?[0-9])(?::([0-5]?[0-9])(?:[.]([0-9]{0,9}))?)?)?";
const datePattern = `^${space}${day}(?:[ T](?s:.*))?)?)?${space}$`;
const timePattern = `^${space}${day}(?:[ T]${clock}[ \\t]*(Z|(?:UTC|GMT|UT)?(?:[+-][0-9:]+)?|[A-Z][A-Za-z_]{2,}(?:/[A-Za-z0-9_/+-]+)?)?)?)?)?${space}$`;
const parts = (pattern: string, names: string): string => `regexp_extract(value, '${pattern}', [${names}])`;
const dateParts = parts(datePattern, "'y', 'm', 'd'");
const timeParts = parts(timePattern, "'y', 'm', 'd', 'h', 'i', 's', 'f', 'z'");
const or = (part: string, other: string): string => `CASE WHEN ${part} = '' THEN '${other}' ELSE ${part} END`;
const dayText = (of: string): string =>
  `ltrim((${of}).y, '+') || '-' || ${or(`(${of}).m`, "1")} || '-' || ${or(`(${of}).d`, "1")}`;
const clockText = `${or(`(${timeParts}).h`, "0")} || ':' || ${or(`(${timeParts}).i`, "0")} || ':' || ${or(`(${timeParts}).s`, "0")} || '.' || ${or(`left((${timeParts}).f, 6)`, "0")}`;

// Times are mostly spelled like this, and then need no look at their parts.
const plainDay = "[0-9]{4}-[0-9]{2}-[0-9]{2}";
const plainTime = `${plainDay} (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?`;

const offset = "^(?:UTC|GMT|UT)?([+-])([0-9]{1,2})(?::?([0-9]{2})(?::?([0-9]{2}))?)?$";
const offsetParts = `regexp_extract(zone, '${offset}', ['g', 'h', 'm', 's'])`;
const count = (part: string): string => `CAST(${or(`(${offsetParts}).${part}`, "0")} AS BIGINT)`;
const offsetSeconds = `(CASE WHEN (${offsetParts}).g = '-' THEN -1 ELSE 1 END) * (${count("h")} * 3600 + ${count("m")} * 60 + ${count("s")})`;
const last = "timezone(zone, local_time)";
const firsts = ["'1' HOUR", "'30' MINUTE"].map((step) => {
  const first = `${last} - INTERVAL ${step}`;
  return `WHEN timezone(zone, ${first}) = local_time THEN ${first}`;
});
const regional = `CASE ${firsts.join(" ")} ELSE ${last} END`;
const instant = `CASE WHEN zone IN ('', 'Z', 'UTC', 'GMT', 'UT') THEN make_timestamptz(epoch_us(local_time)) WHEN regexp_matches(zone, '${offset}') THEN make_timestamptz(epoch_us(local_time) - 1000000 * (${offsetSeconds})) ELSE ${regional} END`;

/** The statements that make them. */
export const textMacros: readonly string[] = [
  `CREATE MACRO ${readableText.whole}(value) AS ${when("[+-]?[0-9]+", "value")}`,
  `CREATE MACRO ${readableText.exact}(value) AS ${when(`[+-]?${digits}`, "value")}`,
  `CREATE MACRO ${readableText.real}(value) AS CASE WHEN ${full(`[+-]?${digits}[dDfF]?`)} THEN regexp_replace(value, '[dDfF](${space})$', '\\1') WHEN ${full("(?i)[+-]?inf|[+-]?infinity|nan")} THEN value END`,
  `CREATE MACRO ${readableText.truth}(value) AS ${when("(?i)t|true|y|yes|1|f|false|n|no|0", `regexp_replace(value, '[\\x00-\\x20]', '', 'g')`)}`,
  `CREATE MACRO ${readableText.date}(value) AS CASE WHEN regexp_full_match(value, '${plainDay}') THEN value WHEN regexp_matches(value, '${datePattern}') THEN ${dayText(dateParts)} END`,
  `CREATE MACRO ${readableText.time}(value) AS CASE WHEN regexp_full_match(value, '${plainTime}') THEN value WHEN regexp_matches(value, '${timePattern}') THEN ${dayText(timeParts)} || ' ' || ${clockText} END`,
  `CREATE MACRO ${zoneText}(value) AS CASE WHEN regexp_full_match(value, '${plainTime}') THEN '' ELSE (${timeParts}).z END`,
  `CREATE MACRO ${isPlainInstant}(value) AS regexp_full_match(value, '${plainTime.replace(" ", "[ T]")}(?:Z|[+-](?:0[0-9]|1[0-7]):[0-5][0-9])?')`,
  `CREATE MACRO ${instantIn}(local_time, zone) AS ${instant}`,
];
