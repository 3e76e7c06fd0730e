// session/plan/catalog.ts: which table a name means. A warehouse is a folder; a name is a folder in it, an entry of its catalog, or a path.
import { localPath } from "../../engine/files/local-path.ts";
import { isAbsolute, resolve } from "node:path";
import type { FileStore } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { type CatalogEntry, entriesFolder, entryKey, entryPath, formatEntry, parseEntry } from "./catalog-entry.ts";

/** Resolves names to absolute table paths. */
export class Catalog {
  readonly warehouse: string;
  readonly #entries = new Map<string, CatalogEntry>();
  /** Of each entry's file: time and size when it was read. */
  #seen: ReadonlyMap<string, string> = new Map();

  /** @param warehouse a folder, absolute or relative to the working directory */
  constructor(warehouse: string) {
    this.warehouse = localPath(warehouse);
  }

  /**
   * `books`, `shop.books` (folder `shop/books`, or a table elsewhere), or ``delta.`/data/books` ``.
   * @throws AlluviumError `INVALID_ARGUMENT` for a name that is not one, `EXPECT_TABLE_NOT_VIEW` for one that is a view's
   */
  tablePath(name: string): string {
    const byPath = /^delta\.`((?:[^`]|``)+)`$/i.exec(name.trim());
    if (byPath !== null) return localPath((byPath[1] ?? "").replaceAll("``", "`"));
    const parts = namePartsOf(name);
    const entry = this.entry(parts);
    if (entry === undefined) return resolve(this.warehouse, ...parts);
    if (entry.kind === "table") return entry.location;
    const message = `${parts.join(".")} is a view; this needs a table`;
    throw new AlluviumError("EXPECT_TABLE_NOT_VIEW", { name: parts.join(".") }, message);
  }

  /** The entry of a name; undefined for a folder of the warehouse, and for nothing. */
  entry(parts: readonly string[]): CatalogEntry | undefined {
    return this.#entries.get(entryKey(parts));
  }

  /** Views and tables elsewhere, in the order of their names. */
  entries(): readonly CatalogEntry[] {
    return [...this.#entries.values()].toSorted((a, b) => (a.name.join(".") < b.name.join(".") ? -1 : 1));
  }

  /** Looks at what this session and others have made or dropped since. @throws AlluviumError `CORRUPT_FILE` */
  async refresh(files: FileStore): Promise<void> {
    const found = (await files.list(entriesFolder(this.warehouse))).filter(({ name }) => name.endsWith(".json"));
    const seen = new Map(found.map((file) => [file.path, `${file.modificationTimeMs} ${file.sizeBytes}`] as const));
    const isSame = seen.size === this.#seen.size && [...seen].every(([path, mark]) => this.#seen.get(path) === mark);
    if (isSame) return;
    const entries = await Promise.all(found.map(async ({ path }) => parseEntry(await files.read(path), path)));
    this.#entries.clear();
    for (const entry of entries) this.#entries.set(entryKey(entry.name), entry);
    this.#seen = seen;
  }

  /** Keeps an entry, durably. @returns false when there is one of that name already, and it is not to be replaced */
  async put(files: FileStore, entry: CatalogEntry, replaces: boolean): Promise<boolean> {
    checkParts(entry.name, entry.name.join("."));
    const path = entryPath(this.warehouse, entry.name);
    if (replaces) await files.put(path, formatEntry(entry));
    else if ((await files.putIfAbsent(path, formatEntry(entry))) === "exists") return false;
    this.#entries.set(entryKey(entry.name), entry);
    this.#seen = new Map();
    return true;
  }

  /** Forgets an entry; what it stood for stays. */
  async remove(files: FileStore, name: readonly string[]): Promise<void> {
    await files.remove(entryPath(this.warehouse, name));
    this.#entries.delete(entryKey(name));
    this.#seen = new Map();
  }
}

/** The parts of a name as people write it. @throws AlluviumError `INVALID_ARGUMENT` */
export function namePartsOf(name: string): readonly string[] {
  const parts = [...name.trim().matchAll(/`((?:[^`]|``)+)`(?:\.|$)|([A-Za-z0-9_]+)(?:\.|$)/gy)];
  const names = parts.map((part) => part[1]?.replaceAll("``", "`") ?? part[2] ?? "");
  const matched = parts.map((part) => part[0]).join("");
  checkParts(matched !== name.trim() || matched.endsWith(".") ? [] : names, name);
  return names;
}

function checkParts(parts: readonly string[], name: string): void {
  if (parts.length > 0 && !parts.some(isUnsafe)) return;
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { name },
    `${JSON.stringify(name)} is not a table name; names are letters, digits and _, with dots between (shop.books), ` +
      "anything else goes in backticks; for a path use load(path) or delta.`path`",
  );
}

// A name must stay a folder below the warehouse.
const isUnsafe = (name: string): boolean =>
  name === "." || name === ".." || name.startsWith("_") || /[/\\\0]/.test(name) || isAbsolute(name);
