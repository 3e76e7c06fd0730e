// A crowded room has shelves: folders in an order, so that a reader finds a file by its idea and sees what rests on what. Types may be
// taken from any shelf: nothing of them is left when the program runs.
import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { roomOf, rooms, shelfOf } from "./room-table.ts";
import { readSources, type SourceFile, sourceOf, violation } from "./source.ts";

const folderFilesMax = 48;

function shelfViolations(file: SourceFile): readonly string[] {
  const shelves = Object.keys(rooms[roomOf(file.path)]?.shelves ?? {});
  const own = shelfOf(file.path);
  if (shelves.length === 0 && own === null) return [];
  if (own === null)
    return [violation(file, 0, `${roomOf(file.path)} has shelves; put the file on one of ${shelves.join(", ")}`)];
  if (!shelves.includes(own))
    return [violation(file, 0, `no shelf is called "${own}"; add it to test/tidy/room-table.ts`)];
  return importsOf(file).flatMap(({ target, at, isType }) => {
    const path = new URL(target, `file:///${file.path}`).pathname.slice(1);
    if (isType || !target.startsWith(".") || roomOf(path) !== roomOf(file.path)) return [];
    const other = shelfOf(path) ?? "";
    if (shelves.indexOf(other) <= shelves.indexOf(own)) return [];
    return [violation(file, at, `${own} may not import ${other} (${target}), which comes after it`)];
  });
}

function crowdedFolders(paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > folderFilesMax)
    .map(([folder, count]) => `${folder}: ${count} files`);
}

test("a file imports only from its own shelf and those before it", () => {
  expect(readSources(["src"]).flatMap(shelfViolations)).toEqual([]);
});

test("no folder of src/ is crowded", () => {
  expect(crowdedFolders(readSources(["src"]).map(({ path }) => path))).toEqual([]);
});

test.each([
  ["src/log/state/a.ts", 'import { b } from "../snapshot/b.ts";'],
  ["src/log/state/a.ts", 'export { b } from "../publish/b.ts";'],
  ["src/log/attic/a.ts", "export const a = 1;"],
  ["src/log/a.ts", "export const a = 1;"],
  ["src/cli/corner/a.ts", "export const a = 1;"],
])("a planted file %s is caught: %s", (path, text) => {
  expect(shelfViolations(sourceOf(path, `\n${text}\n`))).toEqual([expect.stringMatching(`^${path}:[12]: `)]);
});

test("allowed imports pass, and one file too many in a folder is caught", () => {
  const text =
    'import { b } from "./b.ts"; import { c } from "../listing/c.ts"; import type { e } from "../publish/e.ts"; import { d } from "../../engine/base/d.ts";';
  expect(shelfViolations(sourceOf("src/log/state/a.ts", text))).toEqual([]);
  const paths = Array.from({ length: folderFilesMax + 1 }, (_, at) => `src/log/state/${at}.ts`);
  expect(crowdedFolders(paths)).toEqual([`src/log/state: ${folderFilesMax + 1} files`]);
  expect(crowdedFolders(paths.slice(1))).toEqual([]);
});
