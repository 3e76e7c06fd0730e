// test/table/crash-features.test.ts: the process dies, or the power fails, at every file operation of a delete, an update and a
// replacement in tables with deletion vectors, change data feed and row tracking. Laws L2, L3 and L6.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import { inLanes } from "../engine/in-lanes.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { type Change, type ModelRow, applyToModel, applyToTable } from "./change-model.ts";
import { reopen, sessionOver, sharedEngine } from "./life.ts";

muteWarnings();
const plain = sharedEngine();
const sql = duckdbEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const first: Change = { kind: "append", ids: [0, 1, 2, 3, 4, 5] };
const second: Change = { kind: "delete", from: 2, to: 2 };
const changes: readonly Change[] = [
  { kind: "delete", from: 3, to: 4 },
  { kind: "update", from: 1, to: 3, add: 5 },
  { kind: "replace", from: 4, to: 5, ids: [4, 5, 5] },
];
const kinds = [
  { vectors: "true", tracking: "true" },
  { vectors: "false", tracking: "true" },
];

const before: readonly ModelRow[] = [0, 1, 3, 4, 5].map((id) => ({ id, part: id % 2, n: 0 }));

async function rowsOf(table: DeltaTable): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const { id, part, n } of table.rows()) rows.push(`${String(id)} ${String(part)} ${String(n)}`);
  return rows.toSorted();
}

const textOf = (rows: readonly ModelRow[]): readonly string[] =>
  rows.map(({ id, part, n }) => `${id} ${part} ${n}`).toSorted();

async function feedOf(table: DeltaTable, version: number): Promise<readonly string[]> {
  const told: string[] = [];
  for await (const row of table.changes({ from: version, to: version }))
    told.push([row["_change_type"], row["id"], row["part"], row["n"]].map(String).join(" "));
  return told.toSorted();
}

let count = 0;

/** A copy of the table at version 2. */
function prepare(kind: number): string {
  const root = join(folder, `run-${(count += 1)}`);
  cpSync(join(folder, `kind-${kind}`), root, { recursive: true, preserveTimestamps: true });
  return root;
}

beforeAll(async () => {
  for (const [index, { vectors, tracking }] of kinds.entries()) {
    const table = await sessionOver(plain, join(folder, `kind-${index}`)).createTable("books", {
      schema: "id BIGINT, part INT, n BIGINT",
      properties: {
        "delta.enableDeletionVectors": vectors,
        "delta.enableRowTracking": tracking,
        "delta.enableChangeDataFeed": "true",
      },
    });
    await applyToTable(table, first);
    await applyToTable(table, second);
  }
});

interface Point {
  readonly kind: number;
  readonly change: Change;
  readonly crashAt: number;
  readonly powerFails: boolean;
}

/** One death, and what is found after it. Answers false when the change is over before the operation comes. */
async function dieAt({ kind, change, crashAt, powerFails }: Point): Promise<boolean> {
  const root = prepare(kind);
  const { engine, disk } = crashEngine({ root, crashAt, seed: crashAt, sql });
  let isReported = false;
  try {
    await applyToTable(await reopen(engine, root), change);
    isReported = true;
  } catch (error) {
    if (!disk.hasCrashed) throw error;
  }
  const { hasCrashed } = disk;
  if (powerFails) disk.powerCut(crashAt * 7);
  const found = await reopen(plain, root);
  const after = applyToModel(before, change);
  if (isReported) expect(found.version).toBe(3);
  expect([2, 3]).toContain(found.version);
  expect(await rowsOf(found)).toEqual(textOf(found.version === 3 ? (after?.rows ?? []) : before));
  if (found.version === 2) await applyToTable(found, change);
  expect(await rowsOf(found)).toEqual(textOf(after?.rows ?? []));
  expect(await feedOf(found, 3)).toEqual((after?.feed ?? []).toSorted());
  rmSync(root, { recursive: true, force: true });
  return hasCrashed;
}

const cases = kinds.flatMap((features, kind) => changes.map((change) => ({ features, kind, change })));

describe("a table with features", { timeout: 600_000 }, () => {
  test.each(cases)("survives a death at any operation: $change with $features", async ({ kind, change }) => {
    for (const powerFails of [false, true]) {
      for (let crashAt = 1; ; crashAt += 1) {
        expect(crashAt).toBeLessThan(80);
        try {
          if (!(await dieAt({ kind, change, crashAt, powerFails }))) break;
        } catch (cause) {
          throw new Error(`death at operation ${crashAt}${powerFails ? ", and the power failed" : ""}`, { cause });
        }
      }
    }
  });
});

test("the vectors of a delete are durable before its commit is visible", async () => {
  const root = prepare(0);
  const { engine, disk } = crashEngine({ root: join(root, "books"), sql });
  await applyToTable(await reopen(engine, root), { kind: "delete", from: 3, to: 4 });
  expect(inLanes(disk.operations)).toMatchInlineSnapshot(`
    [
      "createFile .tmp-<uuid>",
      "syncFile .tmp-<uuid>",
      "link .tmp-<uuid> deletion_vector_<uuid>.bin",
      "unlink .tmp-<uuid>",
      "syncDirectory .",
      "syncDirectory .",
      "createFile _delta_log/.tmp-<uuid>",
      "syncFile _delta_log/.tmp-<uuid>",
      "link _delta_log/.tmp-<uuid> _delta_log/00000000000000000003.json",
      "unlink _delta_log/.tmp-<uuid>",
      "syncDirectory _delta_log",
      "createFile _delta_log/00000000000000000003.crc",
    ]
  `);
});
