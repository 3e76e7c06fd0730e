// test/table/drop-feature-files.test.ts: which files DROP FEATURE writes anew and removes. PROTOCOL.md, "Type Widening" and "Deletion Vectors".
import { readdirSync } from "node:fs";
import type { Table } from "apache-arrow";
import { afterEach, expect, test } from "vitest";
import { compareText } from "../../src/format/text/utf8-order.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { sharedEngine } from "./life.ts";

const engine = sharedEngine();
afterEach(() => engine.background.finish()); // checkpoints are written beside the commits

const idsOf = (table: Table): readonly unknown[] => [...(table.getChild("id") ?? [])].map(String).toSorted(compareText);

const filesOf = async (table: DeltaTable): Promise<readonly string[]> => {
  const found: string[] = [];
  for await (const chunk of (await loadSnapshot(engine, table.path)).files.chunks())
    found.push(...chunk.map(({ path }) => path));
  return found.toSorted();
};

test.each(["none", "name", "id"])(
  "files that were written in the present types stay as they are (mapping %s)",
  async (mode) => {
    const session = Session.over(engine, { warehouse: temporaryFolder() });
    const table = await session.createTable("t", {
      schema: "id BIGINT, n INT, s STRUCT<x: SMALLINT>, l ARRAY<INT>, m MAP<STRING, FLOAT>, d DATE",
      properties: { "delta.enableTypeWidening": "true", "delta.columnMapping.mode": mode },
    });
    const one = (n: number): Record<string, unknown> => ({ id: BigInt(n), n, s: { x: n }, l: [n], d: new Date(0) });
    for (const [column, type] of [
      ["n", "BIGINT"],
      ["s.x", "INT"],
      ["l.element", "BIGINT"],
      ["m.value", "DOUBLE"],
    ] as const) {
      await table.append([one(1)]);
      await table.changeColumn(column, { type });
    }
    const old = await filesOf(table);
    await table.append([{ ...one(2), n: 2n, l: [2n] }]);
    const [before, all] = [await table.toArrow(), await filesOf(table)];
    await table.dropFeatureSupport("typeWidening");
    const after = await filesOf(table);
    expect(idsOf(await table.toArrow())).toEqual(idsOf(before));
    expect(all.filter((path) => after.includes(path))).toEqual(all.filter((path) => !old.includes(path)));
  },
);

test("files of deletion vectors are removed as files too, so that nobody takes them for garbage too soon", async () => {
  const session = Session.over(engine, { warehouse: temporaryFolder() });
  const properties = { "delta.enableDeletionVectors": "true" };
  const table = await session.createTable("t", { schema: "id BIGINT", properties });
  await table.append([{ id: 4n }, { id: 6n }]);
  await table.delete("id = 6");
  const vectors = readdirSync(table.path).filter((name) => name.endsWith(".bin"));
  expect(vectors).not.toEqual([]);
  await table.dropFeatureSupport("deletionVectors");
  const removed: string[] = [];
  for await (const chunk of (await loadSnapshot(engine, table.path)).tombstones())
    removed.push(...chunk.filter(({ deletionVector }) => deletionVector === undefined).map(({ path }) => path));
  expect(removed).toEqual(expect.arrayContaining(vectors));
});
