// bench/long-log.ts: logs without data: a checkpoint of very many files with ten commits after it, and very many commits.
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localEngine } from "../src/engine/local/local-engine.ts";
import { sqlLiteral } from "../src/engine/base/sql-quote.ts";
import { formatLogPath } from "../src/format/action/log-path.ts";
import { version } from "../src/format/text/ids.ts";
import { loadSnapshot } from "../src/log/snapshot/load-snapshot.ts";
import { writeCheckpoint } from "../src/log/publish/write-checkpoint.ts";
import { type MadeTable, madeOnce } from "./tables.ts";

const column = (name: string, type: string) => ({ name, type, nullable: true, metadata: {} });
const schemaString = JSON.stringify({
  type: "struct",
  fields: [
    column("id", "long"),
    column("ts", "timestamp"),
    column("user", "string"),
    column("kind", "string"),
    column("amount", "double"),
    column("day", "string"),
  ],
});
const metadata = {
  id: "00000000-0000-4000-8000-00000000b001",
  format: { provider: "parquet", options: {} },
  schemaString,
  partitionColumns: ["day"],
  configuration: {},
  createdTime: 1_767_225_600_000,
};
const protocol = { minReaderVersion: 1, minWriterVersion: 2 };

/** A thousand days; file i holds the ids from 1000 i to 1000 i + 999. */
const dayCount = 1000;
const firstVersion = 1000;

/**
 * A table of so many files: one checkpoint, then ten commits that add ten files and remove five each. The checkpoint is
 * one of this package's own, with the columns that Spark's have, too: typed statistics and partition values beside the JSON.
 */
export function manyFiles(fileCount: number): MadeTable {
  return madeOnce(`long-log-${fileCount}`, async (path) => {
    mkdirSync(join(path, "_delta_log"), { recursive: true });
    await writeCheckpointOf(path, fileCount);
    writeCommit(path, firstVersion, [{ add: fileOf(fileCount - 1, fileCount) }]);
    await using engine = localEngine();
    await writeCheckpoint(engine, await loadSnapshot(engine, path));
    for (let commit = 1; commit <= 10; commit += 1) {
      const added = Array.from({ length: 10 }, (_, at) => ({
        add: fileOf(fileCount + commit * 10 + at, fileCount),
      }));
      const removed = Array.from({ length: 5 }, (_, at) => ({
        remove: {
          path: fileOf(commit * 5 + at, fileCount).path,
          deletionTimestamp: 1_767_225_600_000,
          dataChange: true,
        },
      }));
      writeCommit(path, firstVersion + commit, [...added, ...removed]);
    }
  });
}

/** A table of so many commits of one file each, with a checkpoint at every hundredth. */
export function manyCommits(commitCount: number): MadeTable {
  return madeOnce(`long-history-${commitCount}`, async (path) => {
    mkdirSync(join(path, "_delta_log"), { recursive: true });
    for (let at = 0; at < commitCount; at += 1) {
      const start = at === 0 ? [{ protocol }, { metaData: metadata }] : [];
      writeCommit(path, at, [...start, { add: fileOf(at, commitCount) }]);
      if (at > 0 && at % 100 === 0) await writeCheckpointOf(path, at + 1, { at, of: commitCount });
    }
  });
}

function writeCommit(path: string, at: number, actions: readonly object[]): void {
  const info = { commitInfo: { timestamp: 1_767_225_600_000 + at, operation: "WRITE", operationParameters: {} } };
  const lines = [info, ...actions].map((action) => `${JSON.stringify(action)}\n`);
  writeFileSync(join(path, "_delta_log", formatLogPath({ kind: "commit", version: version(at) })), lines.join(""));
}

const dayOf = (index: number, fileCount: number): string =>
  `d${String(Math.floor((index * dayCount) / fileCount)).padStart(4, "0")}`;

/** A file as engines name and describe it: a name without order, bounds of every column. */
function fileOf(index: number, fileCount: number) {
  const day = dayOf(index, fileCount);
  const hash = createHash("md5").update(String(index)).digest("hex");
  const ts = (at: number): string => new Date(metadata.createdTime + at * 20_000).toISOString();
  const stats = JSON.stringify({
    numRecords: 1000,
    minValues: {
      id: index * 1000,
      ts: ts(index),
      user: `user0${hash.slice(0, 5)}`,
      kind: "buy",
      amount: (index % 97) + 0.25,
    },
    maxValues: {
      id: index * 1000 + 999,
      ts: ts(index + 1),
      user: `userf${hash.slice(5, 10)}`,
      kind: "view",
      amount: (index % 89) + 300.75,
    },
    nullCount: { id: 0, ts: 0, user: 0, kind: 0, amount: 0 },
  });
  return {
    path: `day=${day}/part-00000-${hash}-c000.snappy.parquet`,
    partitionValues: { day },
    size: 20_000 + (index % 977),
    modificationTime: metadata.createdTime + index,
    dataChange: true,
    stats,
  };
}

/** The same files, made in DuckDB. */
async function writeCheckpointOf(
  path: string,
  fileCount: number,
  place = { at: firstVersion, of: fileCount },
): Promise<void> {
  const day = `'d' || lpad((i * ${dayCount} // ${place.of})::VARCHAR, 4, '0')`;
  const ts = (at: string): string =>
    `strftime(make_timestamp_ms(${metadata.createdTime} + (${at}) * 20000), '%Y-%m-%dT%H:%M:%S.%gZ')`;
  const least = `'"id":' || i * 1000 || ',"ts":"' || ${ts("i")} || '","user":"user0' || md5(i::VARCHAR)[1:5] || '","kind":"buy","amount":' || i % 97 || '.25'`;
  const greatest = `'"id":' || (i * 1000 + 999) || ',"ts":"' || ${ts("i + 1")} || '","user":"userf' || md5(i::VARCHAR)[6:10] || '","kind":"view","amount":' || (i % 89 + 300) || '.75'`;
  const stats = `'{"numRecords":1000,"minValues":{' || ${least} || '},"maxValues":{' || ${greatest} || '},"nullCount":{"id":0,"ts":0,"user":0,"kind":0,"amount":0}}'`;
  const none = "MAP([]::VARCHAR[], []::VARCHAR[])";
  const meta = `{id: ${sqlLiteral(metadata.id)}, name: NULL::VARCHAR, description: NULL::VARCHAR, format: {provider: 'parquet', options: ${none}}, schemaString: ${sqlLiteral(schemaString)}, partitionColumns: ['day'], configuration: ${none}, createdTime: ${metadata.createdTime}}`;
  const add = `{path: 'day=' || ${day} || '/part-00000-' || md5(i::VARCHAR) || '-c000.snappy.parquet', partitionValues: MAP(['day'], [${day}]), size: 20000 + i % 977, modificationTime: ${metadata.createdTime} + i, dataChange: false, stats: ${stats}}`;
  const rows = [
    "SELECT {minReaderVersion: 1, minWriterVersion: 2} AS protocol, NULL AS metaData, NULL AS add",
    `SELECT NULL, ${meta}, NULL`,
    `SELECT NULL, NULL, ${add} FROM range(${fileCount}) AS files(i)`,
  ];
  const name = formatLogPath({ kind: "classicCheckpoint", version: version(place.at) });
  await using engine = localEngine();
  await using connection = await engine.sql.connect();
  await connection.run(
    `COPY (${rows.join(" UNION ALL ")}) TO ${sqlLiteral(join(path, "_delta_log", name))} (FORMAT parquet)`,
  );
  const hint = JSON.stringify({ version: place.at, size: fileCount + 2 });
  writeFileSync(join(path, "_delta_log", "_last_checkpoint"), hint);
}
