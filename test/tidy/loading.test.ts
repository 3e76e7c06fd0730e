// What the package loads when it is imported: what opens a table and builds a query, and no library that reads or writes rows.
// Who only looks at tables never pays for them, in time or memory.
import { expect, test } from "vitest";
import { importsOf } from "./imports.ts";
import { readSources, type SourceFile, sourceOf } from "./source.ts";

// DuckDB is not imported but required, by one file.
const late = ["apache-arrow", "parquet-wasm", "@duckdb/node-api", "./duckdb-library.ts", "../duckdb/duckdb-library.ts"];

/** The ways from a file to the libraries, as "index.ts -> a.ts -> library", each file by one of the ways to it. */
function waysTo(libraries: readonly string[], start: string, files: readonly SourceFile[]): readonly string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const seen = new Set<string>();
  const ways: string[] = [];
  const visit = (path: string, trail: readonly string[]): void => {
    const file = byPath.get(path);
    if (file === undefined || seen.has(path)) return;
    seen.add(path);
    for (const { target, isType, isLater } of importsOf(file)) {
      if (isType || isLater) continue;
      const way = [...trail, path];
      if (libraries.includes(target)) ways.push([...way, target].join(" -> "));
      else if (target.startsWith(".")) visit(new URL(target, `file:///${path}`).pathname.slice(1), way);
    }
  };
  visit(start, []);
  return ways;
}

test("importing the package loads neither Arrow nor Parquet nor DuckDB", () => {
  expect(waysTo(late, "src/index.ts", readSources(["src"]))).toEqual([]);
});

test("a planted import of Arrow is caught on its way, one for later and one of types pass", () => {
  const index = sourceOf("src/index.ts", 'export { b } from "./log/b.ts";\n');
  const planted = (text: string): readonly string[] =>
    waysTo(late, "src/index.ts", [index, sourceOf("src/log/b.ts", text)]);
  expect(planted('import { Table } from "apache-arrow";\nexport const b = Table;\n')).toEqual([
    "src/index.ts -> src/log/b.ts -> apache-arrow",
  ]);
  expect(planted('import type { Table } from "apache-arrow";\nexport type b = Table;\n')).toEqual([]);
  expect(planted('export const b = () => import("apache-arrow");\n')).toEqual([]);
});
