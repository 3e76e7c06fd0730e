// test/log/repeated-files.test.ts: checkpoints of careless writers, which list one file more than once. PROTOCOL.md, "Action Reconciliation".
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { Protocol } from "../../src/format/action/action.ts";
import { formatAction } from "../../src/format/action/action-json.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { writeChecksum } from "../../src/log/publish/write-checksum.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import { allFiles, add, commitFile, livePaths, metadata, remove, testEngine, writeCommits } from "./table-builder.ts";

const engine = testEngine();

const v2: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};

/** Versions 0 and 1, of which a checkpoint of version 0 with these sidecars and the commit of version 1 are left. */
async function table(sidecars: readonly (readonly [name: string, paths: string])[]): Promise<string> {
  const folder = temporaryFolder();
  writeCommits(folder, [[v2, metadata()], [add("new")]]);
  const log = join(folder, "_delta_log");
  mkdirSync(join(log, "_sidecars"));
  await using connection = await engine.sql.connect();
  for (const [name, paths] of new Map(sidecars)) {
    const file = sqlLiteral(join(log, "_sidecars", name));
    await connection.run(
      `COPY (SELECT {'path': path, 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR), 'size': 100::BIGINT,
        'modificationTime': 1::BIGINT, 'dataChange': false} AS add FROM (${paths}) t(path)) TO ${file} (FORMAT parquet)`,
    );
  }
  const lines = [
    JSON.stringify({ checkpointMetadata: { version: 2, tags: {} } }),
    ...[v2, metadata()].map(formatAction),
    ...sidecars.map(([path]) => JSON.stringify({ sidecar: { path, sizeInBytes: 1, modificationTime: 1, tags: {} } })),
  ];
  const name = `${"0".repeat(20)}.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json`;
  writeFileSync(join(log, name), `${lines.join("\n")}\n`);
  rmSync(commitFile(folder, 0));
  return folder;
}

async function filesOf(folder: string): Promise<{ readonly paths: readonly string[]; readonly count: number }> {
  const snapshot = await loadSnapshot(engine, folder);
  const paths = (await allFiles(snapshot)).map(({ path }) => path).toSorted();
  return { paths, count: (await snapshot.files.totals()).count };
}

const few = (...paths: readonly string[]): string =>
  `VALUES ${paths.map((path) => `(${sqlLiteral(path)})`).join(", ")}`;

test("a file that a checkpoint lists twice is one file, however it is spelled and wherever it is listed", async () => {
  const folder = await table([
    ["a", few("f0", "f1", "f0", "f%30")],
    ["b", few("f1", "f2")],
    ["b", few("f1", "f2")],
  ]);
  expect(await filesOf(folder)).toEqual({ paths: ["f1", "f%30", "f2", "new"].toSorted(), count: 4 });
});

// The second is what this package calls its own checkpoints by: a name of a file, which footers repeat as a bound, does not make one.
test.each(["part", "alluvium_checkpoint"])(
  "of a checkpoint too large to be held, too: files called %s",
  async (prefix) => {
    const numbered = (first: number, end: number): string =>
      `SELECT '${prefix}-' || lpad(n::VARCHAR, 6, '0') FROM range(${first}, ${end}) r(n)`;
    const folder = await table([
      ["a", numbered(0, 8000)],
      ["b", `${numbered(7000, 12_000)} UNION ALL ${numbered(11_999, 12_000)}`],
      ["a", numbered(0, 8000)],
    ]);
    const { paths, count } = await filesOf(folder);
    expect(paths).toHaveLength(12_001);
    expect(new Set(paths).size).toBe(12_001);
    expect(count).toBe(12_001);
  },
);

test("what counts the files of such a checkpoint counts each once: totals, checksums, the next checkpoint, and a later removal", async () => {
  const numbered = "SELECT 'part-' || lpad(n::VARCHAR, 6, '0') FROM range(11000) r(n)";
  const twice = "SELECT 'part-' || replace(lpad(n::VARCHAR, 6, '0'), '9', '%39') FROM range(99, 102) r(n)";
  const folder = await table([
    ["a", numbered],
    ["b", twice],
  ]);
  const before = await loadSnapshot(engine, folder);
  expect(await before.files.totals()).toEqual({ count: 11_001, sizeBytes: 1_100_000 + (add("new").sizeBytes ?? 0) });
  await writeChecksum(engine, before);
  expect(await livePaths(await loadSnapshot(engine, folder))).toHaveLength(11_001);
  writeCommits(folder, [[remove("part-000100")]], 2);
  const after = await loadSnapshot(engine, folder);
  expect((await after.files.totals()).count).toBe(11_000);
  await writeCheckpoint(engine, after);
  rmSync(commitFile(folder, 1));
  expect(await filesOf(folder)).toMatchObject({ count: 11_000 });
  expect(await livePaths(await loadSnapshot(engine, folder))).toHaveLength(11_000);
});
