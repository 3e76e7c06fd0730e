// session/plan/catalog-entry.ts: what a warehouse remembers of a name that is no folder of it: a view, or a table elsewhere. One file of
// JSON each, in `_catalog`; decision 13.
import { join } from "node:path";
import { AlluviumError } from "../../format/text/error.ts";
import { formatJson, isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import type { JsonValue } from "../../format/text/json.ts";

/** A name, and what it stands for. */
export type CatalogEntry =
  | {
      readonly kind: "view";
      readonly name: readonly string[];
      /** The query, as written. */
      readonly query: string;
      /** Names of its columns; those of the query when null. */
      readonly columns: readonly string[] | null;
      readonly comment: string | null;
    }
  | {
      readonly kind: "table";
      readonly name: readonly string[];
      /** Absolute path. */
      readonly location: string;
    };

/** What an entry is looked up by: names of the catalog have no case. */
export function entryKey(name: readonly string[]): string {
  return name.map((part) => part.toLowerCase()).join("\u0000");
}

/** The folder of the entries. */
export function entriesFolder(warehouse: string): string {
  return join(warehouse, "_catalog");
}

/** The file of an entry. */
export function entryPath(warehouse: string, name: readonly string[]): string {
  return join(entriesFolder(warehouse), `${name.map((part) => encodeURIComponent(part.toLowerCase())).join(".")}.json`);
}

/** The bytes of an entry's file. */
export function formatEntry(entry: CatalogEntry): Uint8Array {
  return new TextEncoder().encode(`${formatJson({ version: 1, ...entry })}\n`);
}

/** @throws AlluviumError `CORRUPT_FILE` naming the file that is no entry */
export function parseEntry(bytes: Uint8Array, path: string): CatalogEntry {
  const entry = entryOf(bytes);
  if (entry !== null) return entry;
  const message = `${path} is no entry of a catalog; remove it, and create the view or the table again`;
  throw new AlluviumError("CORRUPT_FILE", { path }, message);
}

function entryOf(bytes: Uint8Array): CatalogEntry | null {
  const json = jsonOf(new TextDecoder().decode(bytes));
  if (!isJsonObject(json)) return null;
  const { kind, query, columns = null, comment = null, location } = json;
  const name = textsOf(json["name"] ?? null);
  if (name === null || name.length === 0) return null;
  if (kind === "table" && typeof location === "string") return { kind, name, location };
  if (kind !== "view" || typeof query !== "string" || (comment !== null && typeof comment !== "string")) return null;
  const names = textsOf(columns);
  return columns !== null && names === null ? null : { kind, name, query, columns: names, comment };
}

function jsonOf(text: string): JsonValue {
  try {
    return parseJson(text);
  } catch {
    return null;
  }
}

function textsOf(value: JsonValue): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const list = value as readonly JsonValue[];
  return list.every((item): item is string => typeof item === "string") ? list : null;
}
