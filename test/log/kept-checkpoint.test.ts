// test/log/kept-checkpoint.test.ts: checkpoints that are made from the rows of the one before say what one made from the log says.
import { rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Engine, SqlRow } from "../../src/engine/base/engine.ts";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { Action } from "../../src/format/action/action.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { roundCount } from "../round-count.ts";
import { add, checkpointFile, metadata, protocol, remove, testEngine, txn, v, writeCommits } from "./table-builder.ts";

const nowMs = 1_700_000_000_000;
const keeping = testEngine(manualClock(nowMs));
const other = testEngine(manualClock(nowMs));

const stats = (id: number): string => `{"numRecords":1,"minValues":{"id":${id}},"maxValues":{"id":${id}}}`;

/** What may happen to a table of the files 0 to 9 between two looks. */
const step: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.nat(9).map((file) => add(`f${file}`, { sizeBytes: file, stats: stats(file) })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(9), fc.boolean()).map(([file, isOld]) => {
      return remove(`f${file}`, { deletionTimestampMs: isOld ? 1 : nowMs });
    }),
  },
  { weight: 1, arbitrary: fc.nat(3).map((at) => txn("app", BigInt(at))) },
  { weight: 1, arbitrary: fc.boolean().map((isOn) => metadata({ "delta.checkpoint.writeStatsAsJson": String(isOn) })) },
  { weight: 1, arbitrary: fc.constant({ ...protocol, minWriterVersion: 3 }) },
);

const commits = fc.array(
  fc.record({
    actions: fc.uniqueArray(step, {
      minLength: 1,
      maxLength: 4,
      selector: (action) => ("path" in action ? action.path : action.kind),
    }),
    hasCheckpoint: fc.boolean(),
    // Two commits may come before the next look.
    isSeen: fc.boolean(),
  }),
  { minLength: 1, maxLength: 12 },
);

async function checkpointRows(engine: Engine, path: string): Promise<readonly SqlRow[]> {
  await using connection = await engine.sql.connect();
  return await connection.rows(
    `SELECT to_json(rows)::VARCHAR AS row FROM read_parquet(${sqlLiteral(path)}) rows ORDER BY row`,
  );
}

test("a checkpoint that follows others of its process says what one made from the log says", async () => {
  await fc.assert(
    fc.asyncProperty(commits, async (history) => {
      const table = temporaryFolder();
      writeCommits(table, [[protocol, metadata(), add("f0", { stats: stats(0) })]]);
      let snapshot = await loadSnapshot(keeping, table);
      await writeCheckpoint(keeping, snapshot);
      for (const [index, { actions, hasCheckpoint, isSeen }] of history.entries()) {
        writeCommits(table, [actions], index + 1);
        if (isSeen) snapshot = await refreshSnapshot(keeping, snapshot);
        if (!hasCheckpoint) continue;
        await writeCheckpoint(keeping, snapshot);
        const path = checkpointFile(table, snapshot.version);
        const kept = await checkpointRows(keeping, path);
        rmSync(path);
        rmSync(join(table, "_delta_log", "_last_checkpoint"));
        await writeCheckpoint(other, await loadSnapshot(other, table, { version: v(snapshot.version) }));
        expect(kept).toEqual(await checkpointRows(other, path));
      }
    }),
    { numRuns: roundCount(20) },
  );
});

test("the rows of the tables written last are kept, and two tables never mix", async () => {
  const tables = Array.from({ length: 7 }, () => temporaryFolder());
  const snapshots = new Map<string, Awaited<ReturnType<typeof loadSnapshot>>>();
  for (let round = 0; round < 3; round += 1) {
    for (const [index, table] of tables.entries()) {
      const file = add(`t${index}-${round}`, { stats: stats(round) });
      writeCommits(table, [round === 0 ? [protocol, metadata(), file] : [file]], round);
      const before = snapshots.get(table);
      const snapshot =
        before === undefined ? await loadSnapshot(keeping, table) : await refreshSnapshot(keeping, before);
      snapshots.set(table, snapshot);
      await writeCheckpoint(keeping, snapshot);
      const rows = await checkpointRows(keeping, checkpointFile(table, round));
      const paths = rows.flatMap(({ row }) => /"path":"(t\d-\d)"/.exec(String(row))?.[1] ?? []);
      expect(paths.toSorted()).toEqual(Array.from({ length: round + 1 }, (_, at) => `t${index}-${at}`));
    }
  }
});
