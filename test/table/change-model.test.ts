// test/table/change-model.test.ts: random changes to tables with deletion vectors, change data feed and row tracking, against a model.
// PROTOCOL.md, "Deletion Vectors", "Add CDC File" and "Row Tracking".
import fc from "fast-check";
import { expect, onTestFinished, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { roundCount } from "../round-count.ts";
import { type ModelRow, applyToModel, applyToTable, changes } from "./change-model.ts";

const onOff = ["true", "false"] as const;

async function rowsOf(table: DeltaTable): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const { id, part, n } of table.rows()) rows.push(`${String(id)} ${String(part)} ${String(n)}`);
  return rows.toSorted();
}

async function feedOf(table: DeltaTable, version: number): Promise<readonly string[]> {
  const rows: string[] = [];
  for await (const row of table.changes({ from: version, to: version }))
    rows.push(`${String(row["_change_type"])} ${String(row["id"])} ${String(row["part"])} ${String(row["n"])}`);
  return rows.toSorted();
}

const textOf = (rows: readonly ModelRow[]): readonly string[] =>
  rows.map(({ id, part, n }) => `${id} ${part} ${n}`).toSorted();

test("random changes give the rows and the changes of the model, at every version", { timeout: 300_000 }, async () => {
  const root = temporaryFolder();
  const spark = Session.over(localEngine(), { warehouse: root });
  onTestFinished(() => spark.close());
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      changes,
      fc.record({
        vectors: fc.constantFrom(...onOff),
        tracking: fc.constantFrom(...onOff),
        isPartitioned: fc.boolean(),
        mapping: fc.constantFrom("none", "name", "id"),
      }),
      async (list, { vectors, tracking, isPartitioned, mapping }) => {
        const name = `t${(count += 1)}`;
        const table = await spark.createTable(name, {
          schema: "id BIGINT, part INT, n BIGINT",
          ...(isPartitioned && { partitionBy: ["part"] }),
          properties: {
            "delta.enableDeletionVectors": vectors,
            "delta.enableRowTracking": tracking,
            "delta.columnMapping.mode": mapping,
            "delta.enableChangeDataFeed": "true",
            "delta.checkpointInterval": "3",
          },
        });
        let rows: readonly ModelRow[] = [];
        const feeds: (readonly string[])[] = [[]];
        const states: (readonly ModelRow[])[] = [[]];
        for (const change of list) {
          const outcome = applyToModel(rows, change);
          await applyToTable(table, change);
          if (outcome === null) {
            expect(table.version).toBe(states.length - 1);
            continue;
          }
          rows = outcome.rows;
          states.push(rows);
          feeds.push(outcome.feed.toSorted());
          expect(await rowsOf(table)).toEqual(textOf(rows));
        }
        for (const [version, state] of states.entries()) {
          const old = await spark.deltaTable(name, { version });
          expect(await rowsOf(old)).toEqual(textOf(state));
          expect(await feedOf(table, version)).toEqual(feeds[version]);
        }
      },
    ),
    { numRuns: roundCount(12), seed: 41 },
  );
});
