// Data files are synced beside the making of the log entry; the entry never comes before them.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import { createTable } from "../../src/table/input/create-table.ts";
import { appendRows } from "../../src/table/rows/append-rows.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";

const schema: StructType = {
  kind: "struct",
  fields: [{ name: "id", type: { kind: "primitive", name: "long" }, nullable: true, metadata: {} }],
};
const rows = { kind: "relation", schema, sql: "SELECT 1::BIGINT AS id" } as const;

const entry = (root: string): string => join(root, "_delta_log", `${"1".padStart(20, "0")}.json`);

/** An engine whose next sync of data files ends when it is told to. */
function withHeldSync(engine: Engine): { engine: Engine; end: (failure?: Error) => void } {
  let end: (failure?: Error) => void = () => undefined;
  const held = new Promise<void>((resolve, reject) => {
    end = (failure) => (failure === undefined ? resolve() : reject(failure));
  });
  held.catch(() => undefined);
  const sync: Engine["files"]["sync"] = async (paths) => {
    await held;
    await engine.files.sync(paths);
  };
  return { engine: { ...engine, files: { ...engine.files, sync } }, end: (failure) => end(failure) };
}

test("a commit is not published before its data files are durable", async () => {
  await using plain = localEngine();
  const root = temporaryFolder();
  const snapshot = await createTable(plain, root, { schema });
  const { engine, end } = withHeldSync(plain);
  const append = appendRows({ engine, snapshot }, rows);
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(existsSync(entry(root))).toBe(false);
  end();
  expect((await append).version).toBe(1);
  expect(existsSync(entry(root))).toBe(true);
});

test("a commit whose data files cannot be made durable is not published, and leaves no file", async () => {
  await using plain = localEngine();
  const root = temporaryFolder();
  const snapshot = await createTable(plain, root, { schema });
  const { engine, end } = withHeldSync(plain);
  end(new AlluviumError("IO_ERROR", { path: root }, "the disk is gone"));
  await expect(appendRows({ engine, snapshot }, rows)).rejects.toMatchObject({ code: "IO_ERROR" });
  expect(existsSync(entry(root))).toBe(false);
  expect(readdirSync(root)).toEqual(["_delta_log"]);
});
