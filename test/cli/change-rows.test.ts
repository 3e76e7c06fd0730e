// test/cli/change-rows.test.ts: `alluvium update` and `alluvium merge`, as a child process sees them.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { alluvium, json, succeed } from "./alluvium.ts";

const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const table = join(folder, "t");

beforeAll(async () => {
  await succeed("create", table, "--schema", write("schema.txt", "id BIGINT, n BIGINT"));
  await succeed("append", table, write("rows.jsonl", '{"id":1,"n":1}\n{"id":2,"n":2}\n'));
});

test("update gives the rows that match new values, and counts them before with --dry-run", async () => {
  const dry = await json("update", table, "--set", "n=n + 10", "--where", "id = 1", "--dry-run", "--json");
  expect(dry).toMatchObject({ updatedRowCount: 1, dryRun: true, version: 1 });
  const done = await json("update", table, "--set", "n=n + 10", "--where", "id = 1", "--json");
  expect(done).toMatchObject({ updatedRowCount: 1, version: 2 });
  const wrong = await alluvium("update", table, "--set", "n=1");
  expect(wrong.status).toBe(1);
});

test("merge updates, inserts and deletes by the rows of a file", async () => {
  const file = write("more.jsonl", '{"id":1,"n":5}\n{"id":3,"n":3}\n');
  const clauses = ["--update", "n=source.n", "--insert-all", "--delete-missing"];
  const done = await json("merge", table, file, "--on", "target.id = source.id", ...clauses, "--json");
  expect(done).toMatchObject({ updatedRowCount: 1, insertedRowCount: 1, deletedRowCount: 1 });
  const rows = await succeed("cat", table, "--format", "jsonl");
  expect(rows.toString().trim().split("\n").toSorted()).toEqual(['{"id":1,"n":5}', '{"id":3,"n":3}']);
});
