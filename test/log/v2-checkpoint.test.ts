// test/log/v2-checkpoint.test.ts: checkpoints whose file actions lie in sidecars. PROTOCOL.md, "V2 Spec", "Sidecar Files".
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { sqlLiteral } from "../../src/engine/base/sql-quote.ts";
import type { Action, Protocol } from "../../src/format/action/action.ts";
import { formatAction } from "../../src/format/action/action-json.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  allFiles,
  commitFile,
  livePaths,
  metadata,
  remove,
  testEngine,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();

const v2: Protocol = {
  kind: "protocol",
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ["v2Checkpoint"],
  writerFeatures: ["v2Checkpoint"],
};

const uuid = "80a083e8-7026-4e79-81be-64bd76c43a11";

/** Versions 0 to 3: version 2 removes what version 0 added. */
function table(): string {
  const folder = temporaryFolder();
  writeCommits(folder, [
    [v2, metadata(), add("f0"), txn("app", 1n)],
    [add("f1")],
    [remove("f0"), add("f2"), txn("app", 2n)],
    [add("f3")],
  ]);
  mkdirSync(join(folder, "_delta_log", "_sidecars"));
  return folder;
}

const logFile = (folder: string, name: string): string => join(folder, "_delta_log", name);
const nameAt = (at: number, rest: string): string => `${String(at).padStart(20, "0")}.${rest}`;

async function writeSidecar(folder: string, name: string, paths: readonly string[]): Promise<void> {
  await using connection = await engine.sql.connect();
  const adds = paths.map(
    (path) =>
      `SELECT {'path': ${sqlLiteral(path)}, 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR), 'size': 100::BIGINT, 'modificationTime': 1::BIGINT, 'dataChange': false} AS add, NULL::STRUCT(path VARCHAR) AS remove`,
  );
  const removed = "SELECT NULL, {'path': 'f0'}";
  const target = sqlLiteral(logFile(folder, join("_sidecars", name)));
  await connection.run(`COPY (${[...adds, removed].join(" UNION ALL ")}) TO ${target} (FORMAT parquet)`);
}

function writeTopLevel(folder: string, sidecars: readonly string[], actions: readonly Action[] = []): void {
  const lines = [
    JSON.stringify({ checkpointMetadata: { version: 2, tags: {} } }),
    ...[v2, metadata(), txn("app", 2n), ...actions].map(formatAction),
    ...sidecars.map((path) => JSON.stringify({ sidecar: { path, sizeInBytes: 1, modificationTime: 1, tags: {} } })),
  ];
  writeFileSync(logFile(folder, nameAt(2, `checkpoint.${uuid}.json`)), `${lines.join("\n")}\n`);
}

/** Without the older commits nothing but the checkpoint can tell. */
function cleanLog(folder: string): void {
  for (const at of [0, 1, 2]) rmSync(commitFile(folder, at));
}

async function stateOf(folder: string, at?: number): Promise<readonly unknown[]> {
  const snapshot = await loadSnapshot(engine, folder, at === undefined ? {} : { version: v(at) });
  return [snapshot.version, await livePaths(snapshot), snapshot.transactions.get("app")?.version];
}

describe("a checkpoint named by a UUID", () => {
  test("in JSON gives its own actions and those of its sidecars", async () => {
    const folder = table();
    await writeSidecar(folder, "one.parquet", ["f1"]);
    await writeSidecar(folder, "two two.parquet", ["f2"]);
    writeTopLevel(folder, ["one.parquet", "two%20two.parquet"]);
    cleanLog(folder);
    expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
    expect(await stateOf(folder, 2)).toEqual([2, ["f1", "f2"], 2n]);
    await expect(stateOf(folder, 1)).rejects.toMatchObject({ code: "VERSION_NOT_FOUND" });
  });

  test("may hold the file actions itself", async () => {
    const folder = table();
    writeTopLevel(folder, [], [add("f1"), add("f2")]);
    cleanLog(folder);
    expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
  });

  test.each(["parquet under a UUID", "parquet under a classic name"])("in %s is read the same way", async (kind) => {
    const folder = table();
    await writeSidecar(folder, "one.parquet", ["f1", "f2"]);
    await using connection = await engine.sql.connect();
    const { schemaString } = metadata();
    const columns = [
      "{'version': 2::BIGINT} AS checkpointMetadata",
      "{'path': 'one.parquet', 'sizeInBytes': 1::BIGINT, 'modificationTime': 1::BIGINT} AS sidecar",
      "{'minReaderVersion': 3, 'minWriterVersion': 7, 'readerFeatures': ['v2Checkpoint'], 'writerFeatures': ['v2Checkpoint']} AS protocol",
      `{'id': 'x', 'format': {'provider': 'parquet', 'options': MAP {}::MAP(VARCHAR, VARCHAR)}, 'schemaString': ${sqlLiteral(schemaString)}, 'partitionColumns': []::VARCHAR[], 'configuration': MAP {}::MAP(VARCHAR, VARCHAR)} AS metaData`,
      "{'appId': 'app', 'version': 2::BIGINT} AS txn",
    ];
    const rows = columns.map((_, own) =>
      columns.map((column, at) =>
        at === own ? column : column.replace(/^(.*) AS (\w+)$/s, "CASE WHEN false THEN $1 END AS $2"),
      ),
    );
    const target = kind.includes("classic") ? nameAt(2, "checkpoint.parquet") : nameAt(2, `checkpoint.${uuid}.parquet`);
    const union = rows.map((row) => `SELECT ${row.join(", ")}`).join(" UNION ALL ");
    await connection.run(`COPY (${union}) TO ${sqlLiteral(logFile(folder, target))} (FORMAT parquet)`);
    cleanLog(folder);
    expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
  });

  test.each(["protocol", "metaData"])(
    "whose %s is null is CORRUPT_LOG, whatever the commits can tell",
    async (kind) => {
      const folder = table();
      writeTopLevel(folder, [], [add("wrong")]);
      const path = logFile(folder, nameAt(2, `checkpoint.${uuid}.json`));
      const lines = readFileSync(path, "utf8").split("\n");
      writeFileSync(path, lines.map((line) => (line.startsWith(`{"${kind}"`) ? `{"${kind}":null}` : line)).join("\n"));
      await expect(stateOf(folder)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
      await expect(stateOf(folder)).rejects.toThrow(kind);
    },
  );

  test("may have null for its own metadata, and for actions that it does not hold", async () => {
    const folder = table();
    writeTopLevel(folder, [], [add("f1"), add("f2")]);
    const path = logFile(folder, nameAt(2, `checkpoint.${uuid}.json`));
    const lines = readFileSync(path, "utf8").split("\n").slice(1);
    writeFileSync(path, ['{"checkpointMetadata":null}', '{"txn":null,"sidecar":null}', ...lines].join("\n"));
    cleanLog(folder);
    expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
  });

  test("with a damaged or missing sidecar is passed over while the commits can tell", async () => {
    for (const damage of [(path: string) => truncateSync(path, 20), (path: string) => rmSync(path)]) {
      const folder = table();
      await writeSidecar(folder, "one.parquet", ["wrong"]);
      writeTopLevel(folder, ["one.parquet"]);
      damage(logFile(folder, join("_sidecars", "one.parquet")));
      expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
      cleanLog(folder);
      await expect(stateOf(folder)).rejects.toMatchObject({
        code: "CORRUPT_LOG",
        message: expect.stringContaining("one.parquet") as string,
      });
    }
  });

  test("that was cut off is passed over while the commits can tell", async () => {
    const folder = table();
    writeTopLevel(folder, [], [add("f1"), add("f2")]);
    truncateSync(logFile(folder, nameAt(2, `checkpoint.${uuid}.json`)), 150);
    expect(await stateOf(folder)).toEqual([3, ["f1", "f2", "f3"], 2n]);
    cleanLog(folder);
    await expect(stateOf(folder)).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  });
});

test("typed bounds of a variant in a checkpoint are passed over, those of other columns are kept", async () => {
  const folder = table();
  const variant = "{'metadata': '\\x01\\x00\\x00'::BLOB, 'value': '\\x0C\\x05'::BLOB}";
  const stats = `{'numRecords': 1::BIGINT, 'minValues': {'id': 7::BIGINT, 'v': ${variant}}}`;
  const row = `{'path': 'f1', 'partitionValues': MAP {}::MAP(VARCHAR, VARCHAR), 'size': 100::BIGINT, 'modificationTime': 1::BIGINT, 'dataChange': false, 'stats_parsed': ${stats}}`;
  await using connection = await engine.sql.connect();
  const target = logFile(folder, join("_sidecars", "typed.parquet"));
  await connection.run(`COPY (SELECT ${row} AS add) TO ${sqlLiteral(target)} (FORMAT parquet)`);
  writeTopLevel(folder, ["typed.parquet"]);
  const [file] = await allFiles(await loadSnapshot(engine, folder, { version: v(2) }));
  expect(JSON.parse(file?.stats ?? "")).toEqual({ numRecords: 1, minValues: { id: 7 } });
});
