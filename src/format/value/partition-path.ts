// format/value/partition-path.ts: partition folders, and paths of data files in the log. PROTOCOL.md, "Data Files", "Add File and Remove File".
import { AlluviumError } from "../text/error.ts";
import { corruptLog } from "../text/expect.ts";

/** The folder name of one partition column: `name=value`, escaped as Spark and Hive do; null and "" have a name of their own. */
export function partitionFolder(column: string, value: string | null): string {
  return `${escapePathName(column)}=${value === null || value === "" ? defaultPartitionName : escapePathName(value)}`;
}

/** The folder of a partition relative to the table, "" without partition columns. Not encoded for the log yet. */
export function partitionDirectory(columns: readonly string[], values: ReadonlyMap<string, string | null>): string {
  return columns.map((column) => partitionFolder(column, values.get(column) ?? null)).join("/");
}

/** Percent-escapes the characters that a folder name of a partition must not have. */
export function escapePathName(name: string): string {
  return name.replace(escapedCharacters, (character) => percent(character.charCodeAt(0)));
}

/** The inverse of `escapePathName`; a percent sign without two hexadecimal digits stands for itself. */
export function unescapePathName(name: string): string {
  return name.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** Where Hive puts null. */
export const defaultPartitionName = "__HIVE_DEFAULT_PARTITION__";

/** Encodes a path relative to the table for the log, leaving as it is what Java's URI leaves. RFC 2396. */
export function encodeLogPath(relative: string): string {
  const encoded = relative.replace(notInUri, (character) => Array.from(utf8.encode(character), percent).join(""));
  // A colon in the first segment would make the part before it a scheme.
  const slash = encoded.indexOf("/");
  const firstEnd = slash < 0 ? encoded.length : slash;
  return encoded.slice(0, firstEnd).replaceAll(":", "%3A") + encoded.slice(firstEnd);
}

/**
 * Decodes the percent escapes of a path of the log.
 * @throws AlluviumError `CORRUPT_LOG` when an escape is malformed or the bytes are not UTF-8
 */
export function decodeLogPath(path: string): string {
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch (cause) {
    throw corruptLog(
      { path: "_delta_log", field: "path" },
      `${JSON.stringify(path)} has a malformed percent escape`,
      cause,
    );
  }
}

/**
 * The absolute local path of a file that the log names.
 * @param tablePath absolute
 * @param logPath as the log spells it: relative, `/absolute`, `file:/absolute` or `file:///absolute`, percent-encoded
 * @throws AlluviumError `CORRUPT_LOG` when a relative path leaves the table or an escape is malformed;
 *   `UNSUPPORTED_FEATURE` for a path of another file system
 */
export function resolveDataPath(tablePath: string, logPath: string): string {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):(?=\/)/.exec(logPath)?.[1];
  if (scheme !== undefined && scheme.toLowerCase() !== "file") {
    const message = `${logPath} lies on another file system (${scheme}:), and this build reads local files only. Copy the table to a local disk.`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { path: logPath, features: `${scheme}: paths` }, message);
  }
  if (scheme !== undefined) return localPath(logPath, scheme.length + 1);
  const decoded = decodeLogPath(logPath);
  if (decoded.startsWith("/")) return normalizePath(decoded);
  const absolute = normalizePath(`${tablePath}/${decoded}`);
  if (isInsideTable(tablePath, absolute)) return absolute;
  throw corruptLog({ path: tablePath, field: "path" }, `${JSON.stringify(logPath)} leads out of the table`);
}

/** True when an absolute local path lies below the table's folder. */
export function isInsideTable(tablePath: string, absolutePath: string): boolean {
  const folder = normalizePath(tablePath);
  return normalizePath(absolutePath).startsWith(folder.endsWith("/") ? folder : `${folder}/`);
}

const utf8 = new TextEncoder();

const percent = (byte: number): string => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;

// Spark's list, which is Hive's, and NUL, which no file name can hold.
// eslint-disable-next-line no-control-regex -- the list has control characters
const escapedCharacters = /[\u0000-\u001f"#%'*/:=?\\\u007f{[\]^]/g;

// What java.net.URI quotes in a path: everything but letters, digits, some punctuation, and characters beyond ASCII
// that are neither controls nor spaces.
const notInUri = /[^A-Za-z0-9_\-!.~'()*,;:$&+=@/\u0080-\u{10ffff}]|[\u0080-\u009f]|[\p{Zs}\p{Zl}\p{Zp}]/gu;

function localPath(uri: string, schemeEnd: number): string {
  const rest = uri.slice(schemeEnd);
  const host = /^\/\/([^/]*)/.exec(rest)?.[1];
  if (host === undefined || host === "" || host.toLowerCase() === "localhost") {
    return normalizePath(decodeLogPath(host === undefined ? rest : rest.slice(2 + host.length)));
  }
  const message = `${uri} lies on another machine, and this build reads local files only. Copy the table to a local disk.`;
  throw new AlluviumError("UNSUPPORTED_FEATURE", { path: uri, features: "remote file: paths" }, message);
}

function normalizePath(path: string): string {
  const segments: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") segments.pop();
    else if (segment !== "" && segment !== ".") segments.push(segment);
  }
  return `/${segments.join("/")}`;
}
