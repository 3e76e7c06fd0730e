// test/log/checksum.test.ts: N.crc, written after a commit and verified when a table is opened.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import type { Action } from "../../src/format/action/action.ts";
import { heldFileCountMax } from "../../src/log/checkpoint/checkpoint-base.ts";
import { loadSnapshot, refreshSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { checksumPath } from "../../src/log/snapshot/verify-checksum.ts";
import { writeCheckpoint } from "../../src/log/publish/write-checkpoint.ts";
import { writeChecksum } from "../../src/log/publish/write-checksum.ts";
import { temporaryFolder } from "../engine/temporary-folder.ts";
import {
  add,
  create,
  livePaths,
  metadata,
  protocol,
  remove,
  testEngine,
  tombstonePaths,
  txn,
  v,
  writeCommits,
} from "./table-builder.ts";

const engine = testEngine();
const commits: readonly (readonly Action[])[] = [
  [protocol, metadata({ b: "2", a: "1" }), add("a", { sizeBytes: 7 }), add("b", { sizeBytes: 8 })],
  [{ kind: "commitInfo", operation: "DELETE", txnId: "the-id" }, remove("a"), txn("app", 2n ** 62n)],
];

async function checked(): Promise<{
  readonly table: string;
  readonly path: string;
  readonly fields: Record<string, unknown>;
}> {
  const table = temporaryFolder();
  writeCommits(table, commits);
  await writeChecksum(engine, await loadSnapshot(engine, table));
  const path = checksumPath(table, v(1));
  return { table, path, fields: JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown> };
}

test("a checksum records the state of its version in Spark's fields", async () => {
  const { fields, path } = await checked();
  expect(fields).toMatchObject({
    txnId: "the-id",
    tableSizeBytes: 8,
    numFiles: 1,
    numMetadata: 1,
    numProtocol: 1,
    domainMetadata: [],
  });
  expect(fields["metadata"]).toMatchObject({ id: metadata().id, configuration: { a: "1", b: "2" } });
  expect(fields["protocol"]).toEqual({ minReaderVersion: 1, minWriterVersion: 2 });
  expect(readFileSync(path, "utf8")).toContain('"setTransactions":[{"appId":"app","version":4611686018427387904}]');
});

test("a checksum that is there is never overwritten", async () => {
  const { table, path } = await checked();
  writeFileSync(path, "torn");
  await writeChecksum(engine, await loadSnapshot(engine, table));
  expect(readFileSync(path, "utf8")).toBe("torn");
});

test("a table that agrees with its checksum opens, whatever the order of maps", async () => {
  const { table, path } = await checked();
  const before = readFileSync(path, "utf8");
  const after = before.replace('"configuration":{"b":"2","a":"1"}', '"configuration":{"a":"1","b":"2"}');
  expect(after).not.toBe(before);
  writeFileSync(path, after);
  expect((await loadSnapshot(engine, table)).version).toBe(1);
});

test.each([
  ["numFiles", 2],
  ["tableSizeBytes", 9],
  ["numMetadata", 0],
  ["numProtocol", 2],
  ["protocol", { minReaderVersion: 1, minWriterVersion: 1 }],
  [
    "metadata",
    {
      id: "another",
      format: { provider: "parquet" },
      schemaString: metadata().schemaString,
      partitionColumns: ["day"],
    },
  ],
  ["setTransactions", [{ appId: "app", version: 1 }]],
  ["domainMetadata", [{ domain: "d", configuration: "x", removed: false }]],
])("a checksum that records another %s is CORRUPT_LOG naming version and file", async (field, value) => {
  const { table, path, fields } = await checked();
  writeFileSync(path, JSON.stringify({ ...fields, setTransactions: [], [field]: value }));
  await expect(loadSnapshot(engine, table)).rejects.toMatchObject({
    code: "CORRUPT_LOG",
    context: { version: 1, path },
  });
  expect((await loadSnapshot(engine, table, { version: v(0) })).version).toBe(0);
});

test("a torn checksum, or none, does no harm", async () => {
  const { table, path } = await checked();
  const text = readFileSync(path, "utf8");
  for (const torn of ["", "{", text.slice(0, -20), "[]", '{"numFiles":"many"}']) {
    writeFileSync(path, torn);
    expect((await loadSnapshot(engine, table)).version).toBe(1);
  }
  expect(existsSync(checksumPath(table, v(0)))).toBe(false);
});

test("on a large checkpoint a wrong count of files is told before any file is handed out, and opening asks nothing of DuckDB", async () => {
  const table = temporaryFolder();
  const files = Array.from({ length: heldFileCountMax + 1 }, (_, index) => add(`f${index}`, { sizeBytes: 1 }));
  writeCommits(table, [[...create, ...files]]);
  await writeCheckpoint(engine, await loadSnapshot(engine, table));
  writeCommits(table, [[remove("f0"), add("g")]], 1);
  await writeChecksum(engine, await loadSnapshot(engine, table));
  let connectionCount = 0;
  const connect: Engine["sql"]["connect"] = () => {
    connectionCount += 1;
    return engine.sql.connect();
  };
  // Another engine knows nothing of what this one read.
  const fresh: Engine = { ...engine, sql: { connect, register: () => undefined, close: async () => undefined } };
  const right = await loadSnapshot(fresh, table);
  expect(connectionCount).toBe(0);
  expect(await right.files.totals()).toMatchObject({ count: heldFileCountMax + 1 });

  const path = checksumPath(table, v(1));
  writeFileSync(path, readFileSync(path, "utf8").replace(`"numFiles":${heldFileCountMax + 1}`, '"numFiles":7'));
  const wrong = await loadSnapshot(fresh, table);
  writeCommits(table, [[add("h")]], 2);
  for (const snapshot of [wrong, await refreshSnapshot(fresh, wrong)])
    for (const ask of [
      () => snapshot.files.totals(),
      () => livePaths(snapshot),
      () => tombstonePaths(snapshot),
      () => snapshot.files.lookup(new Set(["g"])),
    ])
      await expect(ask()).rejects.toMatchObject({ code: "CORRUPT_LOG", context: { version: 1, path } });
});
