// test/cli/changes-and-fsck.test.ts: the commands for changes and for missing files, as a person runs them.
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { add, protocol, remove, testEngine } from "../log/table-builder.ts";
import { alluvium } from "./alluvium.ts";
import { cdc, changeTable, keeping } from "../reader/change-table.ts";

const engine = testEngine();

async function run(...argv: readonly string[]): Promise<{ status: number | null; out: string; err: string }> {
  const { status, stdout, stderr } = await alluvium(...argv);
  return { status, out: stdout.toString(), err: stderr };
}

const table = (): Promise<string> =>
  changeTable(engine, [[protocol, keeping(), add("a%20b.parquet")], [cdc("_change_data/c.parquet")]], {
    "a b.parquet": "SELECT 1::BIGINT AS id, 'n1' AS name",
    "_change_data/c.parquet": "SELECT 1::BIGINT AS id, 'n1' AS name, 'delete' AS _change_type",
  });

test("changes prints the rows of a range with type, version and time", async () => {
  const path = await table();
  const output = join(path, "out.jsonl");
  expect(await run("changes", path, "--from", "0", "--format", "jsonl", "--output", output)).toMatchObject({
    status: 0,
  });
  expect(readFileSync(output, "utf8").trim().split("\n")).toEqual([
    '{"id":1,"name":"n1","_change_type":"insert","_commit_version":0,"_commit_timestamp":"1970-01-01T00:00:00.000Z"}',
    '{"id":1,"name":"n1","_change_type":"delete","_commit_version":1,"_commit_timestamp":"1970-01-01T00:01:00.000Z"}',
  ]);
  const later = await run("changes", path, "--from", "1970-01-01T00:00:30Z", "--to", "1", "--format", "csv");
  expect(later.out).toBe(
    "id,name,_change_type,_commit_version,_commit_timestamp\n1,n1,delete,1,1970-01-01T00:01:00.000Z\n",
  );
});

test("changes without a start, or from what is no version, is wrong usage", async () => {
  const path = await table();
  expect(await run("changes", path)).toMatchObject({ status: 2 });
  expect((await run("changes", path, "--from=-1")).err).toMatch(/^error: INVALID_ARGUMENT: /);
  expect((await run("changes", path, "--from", "7")).err).toMatch(/^error: VERSION_NOT_FOUND: /);
});

test("fsck names missing files as the log spells them", async () => {
  const path = await table();
  expect(JSON.parse((await run("fsck", path, "--json")).out)).toMatchObject({ ok: true, missingFiles: [] });
  rmSync(join(path, "a b.parquet"));
  const { status, out } = await run("fsck", path, "--dry-run", "--json");
  expect(status).toBe(0);
  expect(JSON.parse(out)).toMatchObject({ ok: false, missingFiles: ["a%20b.parquet"], version: 1 });
});

test("fsck names files of deletion vectors, at any version", async () => {
  const lost = {
    storageType: "u",
    pathOrInlineDv: "ab^-aqEH.-t@S}K{vb[*k^",
    offset: 1,
    sizeInBytes: 36,
    cardinality: 2,
  };
  const features = {
    minReaderVersion: 3,
    minWriterVersion: 7,
    readerFeatures: ["deletionVectors"],
    writerFeatures: ["deletionVectors"],
  };
  const path = await changeTable(
    engine,
    [
      [{ kind: "protocol", ...features }, keeping(), add("a%20b.parquet")],
      [remove("a%20b.parquet"), add("a%20b.parquet", { deletionVector: lost })],
    ],
    { "a b.parquet": "SELECT 1::BIGINT AS id" },
  );
  expect(JSON.parse((await run("fsck", path, "--json")).out)).toMatchObject({
    ok: false,
    missingFiles: ["ab/deletion_vector_d2c639aa-8816-431a-aaf6-d3fe2512ff61.bin"],
  });
  expect(JSON.parse((await run("fsck", path, "--version", "0", "--json")).out)).toMatchObject({ ok: true });
});
