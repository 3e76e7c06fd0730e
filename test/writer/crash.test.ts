// The process dies, or the power fails, at each operation of a write: data files, then the commit. Laws L3 and L6.
import { afterAll, expect, test } from "vitest";
import { batchFromRows } from "../../src/engine/arrow/arrow-rows.ts";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import type { Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import type { Rows } from "../../src/writer/rows.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { createAt, schema } from "./small-table.ts";
import { readBack, streamOf, targetOf } from "./support.ts";

const sql = duckdbEngine();
const plain: Engine = { ...localEngine(), sql };
afterAll(() => sql.close());

const forms: Readonly<Record<string, () => Rows>> = {
  "rows from JavaScript": () => ({
    kind: "arrow",
    schema,
    batches: streamOf(
      batchFromRows(schema, [
        { id: 1n, part: "a" },
        { id: 2n, part: "b c" },
      ]),
    ),
  }),
  "rows of a query": () => ({ kind: "relation", schema, sql: "SELECT * FROM (VALUES (1::BIGINT, 'a'), (2, 'b c'))" }),
};

/** Writes and commits until the disk dies; true when the commit was reported. */
async function writeUntil({ engine }: CrashEngine, root: string, rows: Rows): Promise<boolean> {
  try {
    const snapshot = await loadSnapshot(engine, root);
    const target = targetOf(root, schema, { partitionColumns: ["part"] });
    const { adds } = await writeDataFiles(engine, target, rows);
    await beginTransaction(engine, snapshot).commit({ operation: "WRITE", parameters: {}, actions: adds });
    return true;
  } catch {
    return false; // the process is dead; what counts is what is on the disk
  }
}

async function expectAllOrNothing(root: string, isReported: boolean): Promise<void> {
  const snapshot = await loadSnapshot(plain, root);
  const target = targetOf(root, schema, { partitionColumns: ["part"] });
  const ids: number[] = [];
  for await (const files of snapshot.files.chunks())
    ids.push(...(await readBack(plain, target, files)).map((row) => Number(row["id"])));
  if (isReported) expect(snapshot.version).toBe(1);
  expect(ids.toSorted((a, b) => a - b)).toEqual(snapshot.version === 1 ? [1, 2] : []);
}

const operationsMax = 100;

for (const [name, rows] of Object.entries(forms)) {
  for (const isPowerCut of [false, true]) {
    test(`${name}: ${isPowerCut ? "a power cut" : "dying"} at any operation leaves all rows or none, and all that were reported`, async () => {
      for (let crashAt = 1; ; crashAt += 1) {
        expect(crashAt).toBeLessThan(operationsMax);
        const root = temporaryFolder();
        await createAt(plain, root);
        const crash = crashEngine({ root, crashAt, seed: crashAt, sql });
        const isReported = await writeUntil(crash, root, rows());
        if (isPowerCut) crash.disk.powerCut(crashAt);
        await expectAllOrNothing(root, isReported);
        if (!crash.disk.hasCrashed || isReported) break;
      }
    });
  }
}

test("an append syncs its files and folders together, and then the log entry and its folder", async () => {
  const root = temporaryFolder();
  await createAt(plain, root);
  const crash = crashEngine({ root, sql });
  const rows: Rows = { kind: "arrow", schema, batches: streamOf(batchFromRows(schema, [{ id: 1n, part: "a" }])) };
  expect(await writeUntil(crash, root, rows)).toBe(true);
  const syncs = crash.disk.operations
    .filter((operation) => operation.startsWith("sync"))
    .map((operation) => operation.replaceAll(/part-\d+-<uuid>-c000/g, "part"));
  expect(syncs).toMatchInlineSnapshot(`
    [
      "syncDirectory .",
      "syncFile part=a/part.snappy.parquet",
      "syncDirectory part=a",
      "syncDirectory .",
      "syncFile _delta_log/.tmp-<uuid>",
      "syncDirectory _delta_log",
    ]
  `);
});
