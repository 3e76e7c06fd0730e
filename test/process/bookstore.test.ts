// The bookstore of the README: the example runs, and prints what the README says.
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const path = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

test("the bookstore prints what the README says it prints", { timeout: 60_000 }, async () => {
  const readme = readFileSync(path("README.md"), "utf8");
  const told = /^It prints\n\n```\n([\s\S]*?)^```$/m.exec(readme)?.[1];
  expect(told).toContain("total_books");
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [path("build/examples/bookstore.js")]);
  expect(stderr).toBe("");
  expect(stdout).toBe(told);
});

test("the program of the README is that of the example", () => {
  const readme = readFileSync(path("README.md"), "utf8");
  const shown = /`examples\/bookstore\.ts` is the whole program:\n\n```ts\n([\s\S]*?)^```$/m.exec(readme)?.[1] ?? "";
  const example = readFileSync(path("examples/bookstore.ts"), "utf8");
  const statements = [...shown.matchAll(/"((?:SELECT|INSERT)[^"]*)"/g)].map((match) => match[1] ?? "");
  expect(statements.length).toBeGreaterThan(1);
  for (const statement of statements) expect(example).toContain(statement);
});
