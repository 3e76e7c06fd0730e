// session/catalog.ts: which table a name means. A warehouse is a folder; a name is a folder in it, or a path.
import { isAbsolute, resolve } from "node:path";
import { AlluviumError } from "../format/error.ts";

/** Resolves names to absolute table paths. */
export interface Catalog {
  readonly warehouse: string;
  /**
   * `books`, `shop.books` (folder `shop/books`), or ``delta.`/data/books` ``.
   * @throws AlluviumError `INVALID_ARGUMENT` for a name that is not one
   */
  tablePath(name: string): string;
}

/** A catalog over the folder `warehouse` (absolute, or relative to the working directory). */
export function folderCatalog(warehouse: string): Catalog {
  const root = resolve(warehouse);
  return { warehouse: root, tablePath: (name) => tablePath(root, name) };
}

/** A path as a table path: `file:` URLs, relative and absolute paths. */
export function pathOfTable(path: string): string {
  if (path === "") throw new AlluviumError("INVALID_ARGUMENT", {}, "the path of a table is empty");
  return resolve(path.startsWith("file:") ? decodeURIComponent(path.replace(/^file:(\/\/)?/, "")) : path);
}

function tablePath(root: string, name: string): string {
  const byPath = /^delta\.`((?:[^`]|``)+)`$/i.exec(name.trim());
  if (byPath !== null) return pathOfTable((byPath[1] ?? "").replaceAll("``", "`"));
  const parts = [...name.trim().matchAll(/`((?:[^`]|``)+)`(?:\.|$)|([A-Za-z0-9_]+)(?:\.|$)/gy)];
  const names = parts.map((part) => part[1]?.replaceAll("``", "`") ?? part[2] ?? "");
  const matched = parts.map((part) => part[0]).join("");
  if (names.length === 0 || matched !== name.trim() || matched.endsWith(".") || names.some(isUnsafe)) {
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { name },
      `${JSON.stringify(name)} is not a table name; names are letters, digits and _, with dots between (shop.books), ` +
        "anything else goes in backticks; for a path use load(path) or delta.`path`",
    );
  }
  return resolve(root, ...names);
}

// A name must stay a folder below the warehouse.
const isUnsafe = (name: string): boolean =>
  name === "." || name === ".." || name.startsWith("_") || /[/\\\0]/.test(name) || isAbsolute(name);
