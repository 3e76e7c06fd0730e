// engine/duckdb/duckdb-error.ts: DuckDB's errors, which are only text, as the one error class.
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { ErrorCode } from "../../format/text/error.ts";

/**
 * What DuckDB complained of. `statement`: words, names or types of the SQL text; `value`: a value that cannot be cast or computed;
 * the rest are not the text's fault.
 */
export type SqlErrorClass =
  | "statement"
  | "value"
  | "corrupt-file"
  | "missing-file"
  | "disk-full"
  | "memory"
  | "interrupted"
  | "io"
  | "other";

/**
 * The class of an error that came from a `SqlConnection`, or undefined for any other. Whoever runs a user's text turns
 * `statement` (and often `value`) into its own code, such as INVALID_PREDICATE; see `sqlErrorMessage`.
 */
export function sqlErrorClass(error: unknown): SqlErrorClass | undefined {
  if (!(error instanceof AlluviumError)) return undefined;
  const found = error.context["sqlErrorClass"];
  return typeof found === "string" ? (found as SqlErrorClass) : undefined;
}

/** DuckDB's own words for an error that came from a `SqlConnection`, without the echo of the statement. */
export function sqlErrorMessage(error: unknown): string {
  return firstParagraph(
    error instanceof AlluviumError && error.cause !== undefined ? messageOf(error.cause) : messageOf(error),
  );
}

/**
 * Wraps an error of DuckDB. Codes: FILE_NOT_FOUND, CORRUPT_FILE (both with `path` where it is known), DISK_FULL, OUT_OF_MEMORY,
 * CAST_INVALID_INPUT for values (DIVIDE_BY_ZERO, INVALID_ARRAY_INDEX, ARITHMETIC_OVERFLOW and NUMERIC_VALUE_OUT_OF_RANGE by their own names), CLOSED when interrupted, IO_ERROR, and INTERNAL_ERROR for a wrong statement.
 */
export function duckdbError(cause: unknown, sql: string): AlluviumError {
  if (cause instanceof AlluviumError) return cause;
  const text = firstParagraph(messageOf(cause));
  const errorClass = classOf(text);
  const path =
    errorClass === "missing-file" || errorClass === "corrupt-file" ? (pathIn(text) ?? onlyPathOf(sql)) : undefined;
  const context = {
    sqlErrorClass: errorClass,
    path,
    sql: sql.length > sqlEchoMax ? `${sql.slice(0, sqlEchoMax)}…` : sql,
  };
  const code = valueCodes.find(([pattern]) => pattern.test(text))?.[1] ?? codes[errorClass];
  const message = messageFor(errorClass, text, path);
  // An error that a statement raises begins with its own code.
  return new AlluviumError(code, context, message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message, {
    cause,
  });
}

/** True when the database behind the connection can no longer be used. */
export function isFatal(cause: unknown): boolean {
  return /^(FATAL|INTERNAL) Error/.test(messageOf(cause)) || messageOf(cause).includes("database has been invalidated");
}

const sqlEchoMax = 2000;

const codes: Readonly<Record<SqlErrorClass, ErrorCode>> = {
  statement: "INTERNAL_ERROR",
  value: "CAST_INVALID_INPUT",
  "corrupt-file": "CORRUPT_FILE",
  "missing-file": "FILE_NOT_FOUND",
  "disk-full": "DISK_FULL",
  memory: "OUT_OF_MEMORY",
  interrupted: "CLOSED",
  io: "IO_ERROR",
  other: "INTERNAL_ERROR",
};

/** Values that cannot be computed, by their own codes; `error('CODE: …')` in a statement names them. */
const valueCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^Invalid Input Error: DIVIDE_BY_ZERO/, "DIVIDE_BY_ZERO"],
  [/^Invalid Input Error: INVALID_ARRAY_INDEX/, "INVALID_ARRAY_INDEX"],
  [/^Invalid Input Error: USER_RAISED_EXCEPTION/, "USER_RAISED_EXCEPTION"],
  [/^Invalid Input Error: ARITHMETIC_OVERFLOW/, "ARITHMETIC_OVERFLOW"],
  // Sums and quotients of whole numbers are computed in 128 bits.
  [/^Conversion Error: Type INT128 with value \S+ can't be cast .* type INT64/, "ARITHMETIC_OVERFLOW"],
  [/^Invalid Input Error: Map keys must be unique/, "DUPLICATED_MAP_KEY"],
  [/^Out of Range Error: Overflow in \w+ of (DECIMAL|INT128)/, "NUMERIC_VALUE_OUT_OF_RANGE"],
  [/^Conversion Error: Could not cast value \S+ to DECIMAL/, "NUMERIC_VALUE_OUT_OF_RANGE"],
  [/^Out of Range Error: Overflow/, "ARITHMETIC_OVERFLOW"],
  [/Unknown TimeZone/, "INVALID_TIMEZONE"],
];

// First match wins: the messages about files come before the prefixes that they share with other errors.
const classes: readonly (readonly [RegExp, SqlErrorClass])[] = [
  [/^INTERRUPT Error/, "interrupted"],
  [/No space left on device|Disk quota exceeded|max_temp_directory_size/, "disk-full"],
  [/No files found that match the pattern|Cannot open file .*No such file or directory/, "missing-file"],
  [
    /magic bytes|too small to be a Parquet|Footer length error|Failed to read (Parquet )?file |Invalid string encoding found in Parquet/,
    "corrupt-file",
  ],
  [
    /Could not read (enough bytes )?from file|Prefetch registered for bytes outside file|^File .*parquet.* is encrypted/i,
    "corrupt-file",
  ],
  // Bare C++ errors: only the decoders of Parquet throw them.
  [/^Invalid Error/, "corrupt-file"],
  [/^Out of Memory Error/, "memory"],
  [/Unknown TimeZone/, "value"],
  [/^(Parser|Binder|Catalog|Syntax|Dependency|Permission|Not implemented|Missing Extension) Error/, "statement"],
  [
    /^(Conversion|Out of Range|Invalid Input|Invalid Type|Mismatch Type|Decimal|Parameter Not Resolved|Constraint) Error/,
    "value",
  ],
  [/^(IO|HTTP) Error/, "io"],
];

function classOf(text: string): SqlErrorClass {
  return classes.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}

function messageFor(errorClass: SqlErrorClass, text: string, path: string | undefined): string {
  const words = text.replace(/^[A-Za-z ]+ Error: /, "");
  switch (errorClass) {
    case "missing-file":
      return `file not found: ${path ?? words}`;
    case "corrupt-file":
      return path === undefined
        ? `a Parquet file is damaged: ${words}`
        : `the Parquet file ${path} is damaged: ${words}`;
    case "disk-full":
      return `the disk is full: ${words}; free some space and try again`;
    case "memory":
      return `not enough memory: ${words}; give DuckDB more by memoryLimitBytes`;
    case "interrupted":
      return "the statement was interrupted";
    case "statement":
    case "value":
    case "io":
    case "other":
      return words;
  }
}

/** The message up to the first empty line: behind it DuckDB repeats the statement. */
function firstParagraph(text: string): string {
  return text.split("\n\n", 1)[0]?.trim() ?? text;
}

function pathIn(text: string): string | undefined {
  const quoted = /pattern "([^"]+)"|file "([^"]+)"|[Ff]ile '([^']+)'/.exec(text);
  const path = quoted?.[1] ?? quoted?.[2] ?? quoted?.[3];
  return path?.replace(/\[([*?[])\]/g, "$1"); // as sqlFilePath spelled them
}

/** The one Parquet file that the statement names, if it names one. */
function onlyPathOf(sql: string): string | undefined {
  const paths = new Set(Array.from(sql.matchAll(/'((?:[^']|'')+\.parquet)'/g), (match) => match[1]));
  const [only] = paths;
  return paths.size === 1 ? only?.replaceAll("''", "'") : undefined;
}
