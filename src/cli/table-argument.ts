// cli/table-argument.ts: TABLE is a path, or a name inside --warehouse DIR.
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { AlluviumError, type DeltaTable, Session } from "../index.ts";

/** Options that every command has. */
export interface CommonOptions {
  readonly warehouse?: string;
}

/** True for a name that the warehouse knows how to look up: its table may lie elsewhere. */
export function isName(argument: string, options: CommonOptions): boolean {
  return options.warehouse !== undefined && /^[A-Za-z0-9]\w*(?:\.[A-Za-z0-9]\w*)*$/.test(argument);
}

/** Absolute path of the table that `argument` names; a URL that is no path of this machine is left to the session, which says so. */
export function tablePathOf(argument: string, options: CommonOptions): string {
  if (/^[a-z][a-z0-9+.-]+:/i.test(argument)) return localUrl(argument);
  if (options.warehouse === undefined || /^[./~]/.test(argument) || argument.includes("/")) return resolve(argument);
  return resolve(options.warehouse, ...argument.split("."));
}

function localUrl(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** Opens a session, does the work, closes the session. */
export async function withSession<T>(options: CommonOptions, work: (session: Session) => Promise<T>): Promise<T> {
  await using session = await Session.open({ warehouse: options.warehouse ?? "." });
  return await work(session);
}

/** Opens one table, does the work, closes everything. */
export function withTable<T>(
  argument: string,
  options: CommonOptions & { readonly version?: number; readonly timestamp?: string },
  work: (table: DeltaTable) => Promise<T>,
): Promise<T> {
  return withSession(options, async (session) => {
    const at = { version: options.version, timestamp: options.timestamp };
    const table = isName(argument, options)
      ? await session.deltaTable(argument, at)
      : await session.deltaTableAt(tablePathOf(argument, options), at);
    return work(table);
  });
}

/**
 * A whole number from 0 of an option.
 * @throws AlluviumError `INVALID_ARGUMENT`
 */
export function wholeNumber(name: string): (text: string) => number {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    throw new AlluviumError("INVALID_ARGUMENT", { option: name }, `${name} takes a whole number from 0, not ${text}`);
  };
}

/** Names separated by commas; a name with a comma in it goes in backticks. */
export function nameList(text: string): readonly string[] {
  return [...text.matchAll(/\s*(?:`((?:[^`]|``)*)`|([^,]*))\s*(?:,|$)/gy)]
    .map((part) => part[1]?.replaceAll("``", "`") ?? part[2]?.trim() ?? "")
    .filter((name) => name !== "");
}

/** Collects `key=value` options into one record. */
export function keyValue(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at > 0) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new AlluviumError("INVALID_ARGUMENT", { value: text }, `${text} is not key=value`);
}
