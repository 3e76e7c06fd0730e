// test/table/deletion-vectors.test.ts: what a delete by deletion vectors puts into the log. PROTOCOL.md, "Deletion Vectors" and "Writer
// Requirement for Deletion Vectors".
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { vectorPlace } from "../../src/format/vector/deletion-vector.ts";
import type { DeletionVectorDescriptor } from "../../src/format/action/action.ts";
import { Session } from "../../src/session/door/session.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

interface FileAction {
  readonly path: string;
  readonly stats: string;
  readonly deletionVector?: DeletionVectorDescriptor;
}

test("a second delete in a file keeps the rows of the first one deleted, and the last one lets the file go", async () => {
  const root = temporaryFolder();
  const spark = Session.over(localEngine(), { warehouse: root });
  onTestFinished(() => spark.close());
  const table = await spark.createTable("t", {
    schema: "id BIGINT",
    properties: { "delta.enableDeletionVectors": "true" },
  });
  const actions = (kind: "add" | "remove"): readonly FileAction[] =>
    readFileSync(join(root, "t", "_delta_log", `${String(table.version).padStart(20, "0")}.json`), "utf8")
      .trim()
      .split("\n")
      .flatMap((line) => (JSON.parse(line) as Record<string, FileAction>)[kind] ?? []);
  await table.append([0, 1, 2, 3].map((id) => ({ id: BigInt(id) })));
  const [before] = actions("add");
  expect(await table.delete("id = 1")).toMatchObject({ deletedRowCount: 1n, removedFileCount: 0, markedFileCount: 1 });
  const [first] = actions("add");
  expect(first?.path).toBe(before?.path);
  expect(JSON.parse(first?.stats ?? "")).toEqual({
    ...(JSON.parse(before?.stats ?? "") as object),
    tightBounds: false,
  });
  expect(first?.deletionVector).toMatchObject({ storageType: "u", offset: 1, cardinality: 1 });
  const place = vectorPlace(join(root, "t"), first?.deletionVector as DeletionVectorDescriptor);
  expect(place.kind === "file" && existsSync(place.path)).toBe(true);
  await table.delete("id = 3");
  expect(actions("remove")[0]?.deletionVector).toEqual(first?.deletionVector);
  expect(actions("add")[0]?.deletionVector).toMatchObject({ cardinality: 2 });
  const rows: unknown[] = [];
  for await (const { id } of table.rows()) rows.push(id);
  expect(rows).toEqual([0n, 2n]);
  expect(await table.delete("id < 5")).toMatchObject({ deletedRowCount: 2n, removedFileCount: 1, markedFileCount: 0 });
  expect(actions("add")).toEqual([]);
});

test("a table whose property was turned off keeps its vectors, and writes files anew without the rows that they mark", async () => {
  const spark = Session.over(localEngine(), { warehouse: temporaryFolder() });
  onTestFinished(() => spark.close());
  const table = await spark.createTable("t", {
    schema: "id BIGINT",
    properties: { "delta.enableDeletionVectors": "true" },
  });
  await table.append([0, 1, 2, 3].map((id) => ({ id: BigInt(id) })));
  await table.delete("id = 1");
  await table.setProperties({ "delta.enableDeletionVectors": "false" });
  expect(await table.delete("id = 2")).toMatchObject({ removedFileCount: 1, addedFileCount: 1, markedFileCount: 0 });
  const rows: unknown[] = [];
  for await (const { id } of table.rows()) rows.push(id);
  expect(rows).toEqual([0n, 3n]);
});
