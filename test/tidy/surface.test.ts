// The public surface is on record in public-api.txt: a change of it shows in the diff. `npm run surface:update` rewrites it.
import { expect, test } from "vitest";
import { readSources, root, sourceOf } from "./source.ts";
import { surfaceOf } from "./surface.ts";

test("what a user can reach from the package root is what public-api.txt says", async () => {
  // Compiled from src/ before each test run: see test/global-setup.ts.
  const files = readSources(["build/src"], ".d.ts").map((file) =>
    sourceOf(file.path.slice("build/".length), file.text),
  );
  await expect(surfaceOf(files, "src/index.d.ts")).toMatchFileSnapshot(`${root}public-api.txt`);
});

const planted = (thing: string): string =>
  surfaceOf(
    [
      sourceOf("src/index.d.ts", 'export { open, type Options as OpenOptions } from "./session/open.ts";'),
      sourceOf(
        "src/session/open.d.ts",
        `import type { Thing } from "../log/thing.ts";
import type { Table } from "apache-arrow";
/** Opens. */
export declare function open(options: Options): Thing | Table;
export interface Options {
    /** A path. */
    readonly path: string;
}
export declare function unreachable(): void;`,
      ),
      sourceOf("src/log/thing.d.ts", thing),
    ],
    "src/index.d.ts",
  );

test("the surface holds exports and all they mention, without comments, and nothing else", () => {
  expect(planted("export type Thing = Part;\ntype Part = string;\ntype Other = 1;")).toBe(`export OpenOptions
export open

// src/log/thing.d.ts Part
type Part = string;

// src/log/thing.d.ts Thing
export type Thing = Part;

// src/session/open.d.ts Options
export interface Options {
  readonly path: string;
}

// src/session/open.d.ts open
export declare function open(options: Options): Thing | Table;
`);
});

test("a planted change deep below the root is seen", () => {
  const before = planted("export type Thing = Part;\ntype Part = string;");
  expect(planted("export type Thing = Part;\ntype Part = number;")).not.toBe(before);
  expect(planted("/** Only words. */\nexport type Thing = Part;\ntype Part = string;")).toBe(before);
});

test("a planted `export *` is refused, since it hides what is exported", () => {
  expect(() => surfaceOf([sourceOf("src/index.d.ts", 'export * from "./a.ts";')], "src/index.d.ts")).toThrow(
    "export *",
  );
});
