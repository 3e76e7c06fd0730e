// No file needs itself by way of others: what runs when a file is loaded never depends on a file that waits for it.
// Types may go in circles; they are gone before anything runs.
import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { readSources, type SourceFile, sourceOf } from "./source.ts";

/** Each circle of imports as "a.ts -> b.ts -> a.ts". */
function circlesOf(files: readonly SourceFile[]): readonly string[] {
  const needs = new Map(files.map((file) => [file.path, neededBy(file)]));
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) circles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const needed of needs.get(path) ?? []) visit(needed, [...trail, path]);
    done.add(path);
  };
  for (const path of needs.keys()) visit(path, []);
  return circles;
}

function neededBy(file: SourceFile): readonly string[] {
  return importsOf(file).flatMap(({ target, isType }) =>
    target.startsWith(".") && !isType ? [new URL(target, `file:///${file.path}`).pathname.slice(1)] : [],
  );
}

test("no files of src/ import each other in a circle", () => {
  expect(circlesOf(readSources(["src"]))).toEqual([]);
});

test("a planted circle is caught, one of types passes", () => {
  const first = sourceOf("src/log/a.ts", 'import { b } from "./b.ts";\nexport const a = () => b;\n');
  const second = sourceOf("src/log/b.ts", 'export { a } from "./a.ts";\n');
  const ofTypes = sourceOf("src/log/b.ts", 'import type { a } from "./a.ts";\n');
  expect(circlesOf([first, second])).toEqual(["src/log/a.ts -> src/log/b.ts -> src/log/a.ts"]);
  expect(circlesOf([first, ofTypes])).toEqual([]);
});
