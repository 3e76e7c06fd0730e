// test/session/random-table.test.ts: tables of random features, changed by random statements: every version reads the same by every way,
// streams included, its changes lead from one version to the next, and rows keep their ids. PROTOCOL.md, all table features together.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Session } from "../../src/session/door/session.ts";
import type { RowObject } from "../../src/table/input/table-input.ts";
import { roundCount } from "../round-count.ts";
import { sessionOver, sharedEngine } from "../table/life.ts";
import { type Event, type Features, type Model, type Row, event, features, live, textsOf } from "./random-table.ts";

const engine = sharedEngine();

async function checkVersion(spark: Session, model: Model, version: number): Promise<void> {
  const expected = textsOf(model.versions[version] ?? []);
  expect(textsOf(await (await spark.sql(`SELECT * FROM t VERSION AS OF ${version}`)).collect())).toEqual(expected);
  const table = await spark.deltaTable("t", { version });
  const rows = [];
  for await (const row of table.rows()) rows.push(row);
  expect(textsOf(rows)).toEqual(expected);
  const some = textsOf((model.versions[version] ?? []).filter(({ id }) => id >= 3n && id < 9n));
  const found = [];
  for await (const row of table.rows({ where: "id >= 3 AND id < 9" })) found.push(row);
  expect(textsOf(found)).toEqual(some);
}

/** The changes of each commit lead from the version before to it, where the columns are called alike in both. */
async function checkChanges(spark: Session, model: Model, from: number): Promise<void> {
  const table = await spark.deltaTable("t");
  const held = new Map((model.versions[from - 1] ?? []).map((row) => [row.id, row]));
  const told = [];
  for await (const row of table.changes({ from })) told.push(row);
  for (let version = from; version < model.versions.length; version += 1) {
    const own = told.filter((row) => Number(row["_commit_version"]) === version);
    for (const row of own) {
      const type = String(row["_change_type"]);
      if (type === "delete" || type === "update_preimage") expect(held.delete(row["id"] as bigint)).toBe(true);
    }
    for (const { _change_type: type, _commit_version: _, _commit_timestamp: __, ...row } of own)
      if (type === "insert" || type === "update_postimage") held.set(row["id"] as bigint, row as unknown as Row);
    expect([version, textsOf(held.values())]).toEqual([version, textsOf(model.versions[version] ?? [])]);
  }
}

/** Every row that a stream of the table gives out until it has caught up. */
async function streamed(spark: Session, options: Readonly<Record<string, string>>): Promise<readonly RowObject[]> {
  const rows: RowObject[] = [];
  const reader = Object.entries({ maxFilesPerTrigger: "2", ...options }).reduce(
    (one, [key, value]) => one.option(key, value),
    spark.readStream,
  );
  const checkpoint = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  try {
    const writer = reader.table("t").writeStream.trigger({ availableNow: true });
    const query = await writer
      .option("checkpointLocation", checkpoint)
      .foreachBatch(async (batch) => {
        rows.push(...(await batch.collect()));
      })
      .start();
    await query.awaitTermination();
  } finally {
    rmSync(checkpoint, { recursive: true, force: true });
  }
  return rows;
}

/** A stream begins with the rows that there are; one from a version on gives what is appended, one of changes all that the feed tells. */
async function checkStreams(spark: Session, model: Model, from: number): Promise<void> {
  expect(textsOf(await streamed(spark, {}))).toEqual(textsOf(model.now));
  if (from >= model.versions.length) return;
  const startingVersion = String(from);
  const appended = model.versions.flatMap((rows, version) => {
    const before = new Set((model.versions[version - 1] ?? []).map(({ id }) => id));
    return version >= from && model.appends.has(version) ? rows.filter(({ id }) => !before.has(id)) : [];
  });
  expect(textsOf(await streamed(spark, { startingVersion, skipChangeCommits: "true" }))).toEqual(textsOf(appended));
  const told: RowObject[] = [];
  for await (const row of (await spark.deltaTable("t")).changes({ from })) told.push(row);
  const changed = await streamed(spark, { startingVersion, readChangeFeed: "true" });
  expect(changesOf(changed)).toEqual(changesOf(told));
}

const changesOf = (rows: readonly RowObject[]): readonly string[] =>
  rows
    .map(({ _commit_version: version, _change_type: type, _commit_timestamp: at, ...row }) =>
      [version, type, (at as Date).toISOString(), ...textsOf([row])].map(String).join(" | "),
    )
    .toSorted();

/** A row has one id as long as it is there, no two have the same, and its version is the last in which its values changed. */
async function checkIds(spark: Session, model: Model): Promise<void> {
  const before = new Map<bigint, { readonly rowId: bigint; readonly text: string; readonly version: bigint }>();
  for (const [version, rows] of model.versions.entries()) {
    const answer = await spark.sql(
      `SELECT id, _metadata.row_id AS r, _metadata.row_commit_version AS v FROM t VERSION AS OF ${version}`,
    );
    const now = (await answer.collect()) as unknown as readonly { id: bigint; r: bigint; v: bigint }[];
    expect(new Set(now.map(({ r }) => r)).size).toBe(rows.length);
    const texts = new Map(rows.map((row) => [row.id, textsOf([row])[0] ?? ""]));
    for (const { id, r, v } of now) {
      const known = before.get(id);
      const text = texts.get(id) ?? "";
      if (known?.rowId === r && known.text === text)
        expect([version, id, v >= known.version]).toEqual([version, id, true]);
      if (known !== undefined && !model.overwrites.has(version))
        expect([version, id, r]).toEqual([version, id, known.rowId]);
    }
    const seen = new Set(now.map(({ id }) => id));
    for (const id of before.keys()) if (!seen.has(id)) before.delete(id);
    for (const { id, r, v } of now) before.set(id, { rowId: r, text: texts.get(id) ?? "", version: v });
  }
}

async function run(root: string, given: Features, events: readonly Event[]): Promise<void> {
  const spark = sessionOver(engine, root);
  const { model, comparable } = await live(spark, given, events);
  for (let version = 0; version < model.versions.length; version += 1) await checkVersion(spark, model, version);
  if (comparable < model.versions.length) await checkChanges(spark, model, comparable);
  if (given.isTracked) await checkIds(spark, model);
  await checkStreams(spark, model, comparable);
}

test("every version of a table reads the same by every way, whatever its features", { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(features, fc.array(event, { minLength: 1, maxLength: 10 }), async (given, events) => {
      const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
      try {
        await run(root, given, events);
      } finally {
        rmSync(root, { recursive: true, force: true });
      }
    }),
    { numRuns: roundCount(8), seed: 11 },
  );
});
