// test/table/crash.test.ts: the process dies, or the power fails, at every single file operation of a commit with its data files,
// its checksum, its checkpoint and the cleaning of the log. Laws L1-L4 and L6.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { duckdbEngine } from "../../src/engine/duckdb/duckdb.ts";
import type { Clock } from "../../src/engine/base/engine.ts";
import type { AlluviumError } from "../../src/format/text/error.ts";
import { crashEngine } from "../engine/crash-engine.ts";
import type { CrashEngine } from "../engine/crash-engine.ts";
import { inLanes } from "../engine/in-lanes.ts";
import { manualClock } from "../engine/manual-clock.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { live, logOf, reopen, rowsAt, sharedEngine, show, steps } from "./life.ts";

muteWarnings();
const plain = sharedEngine();
const sql = duckdbEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await sql.close();
  rmSync(folder, { recursive: true, force: true });
});

const template = (version: number): string => join(folder, `version-${version}`);

/** The table at each version, to start from. */
beforeAll(async () => {
  for (let version = 0; version < steps.length; version += 1) await live(plain, template(version), version);
});

let folderCount = 0;

/** A copy of the table at a version. */
function prepare(version: number): string {
  const root = join(folder, `run-${(folderCount += 1)}`);
  cpSync(template(version), root, { recursive: true, preserveTimestamps: true });
  return root;
}

interface Outcome {
  readonly isReported: boolean;
  readonly hasCrashed: boolean;
}

/** Takes the step to `version`; the process may die. */
async function take({ engine, disk }: CrashEngine, root: string, version: number): Promise<Outcome> {
  let isReported = false;
  try {
    await steps[version - 1]?.run(await reopen(engine, root));
    isReported = true;
  } catch (error) {
    // Errors of a living process are errors of the test.
    if (!disk.hasCrashed) throw error;
  }
  await engine.background.finish();
  return { isReported, hasCrashed: disk.hasCrashed };
}

/** The commits by name; those of a table that is cleaned may go, but never change. */
function commits(root: string): ReadonlyMap<string, string> {
  const names = readdirSync(logOf(root)).filter((name) => /^\d{20}\.json$/u.test(name));
  return new Map(names.map((name) => [name, readFileSync(join(logOf(root), name), "utf8")]));
}

/**
 * Each version that can be read has the rows it must have; it may be gone where the log was cleaned. A cleaning that the power cut
 * short leaves holes: then the log says that a commit is missing.
 */
async function checkVersions(root: string, newest: number, isCleaned: boolean): Promise<void> {
  for (let version = newest; version >= 0; version -= 1) {
    try {
      expect(await show(await reopen(plain, root, version))).toEqual(rowsAt(version));
    } catch (error) {
      if (!isCleaned || version === newest) throw error;
      expect(["VERSION_NOT_FOUND", "CORRUPT_LOG"]).toContain((error as AlluviumError).code);
    }
  }
}

interface Kind {
  readonly name: string;
  /** The steps that differ from those of the kind before. */
  readonly versions: readonly number[];
  readonly clock?: () => Clock;
}

/** Everything that is there has expired by then: what a checkpoint allows to be cleaned is cleaned. */
const afterSixtyDays = (): Clock => manualClock(Date.now() + 60 * 24 * 3_600_000);

const kinds: readonly Kind[] = [
  { name: "in its youth", versions: [1, 2, 3, 4, 5, 6] },
  { name: "whose log has expired", versions: [4, 6], clock: afterSixtyDays },
];

interface Point {
  readonly version: number;
  readonly crashAt: number;
  readonly powerFails: boolean;
}

/** One death, and what comes after it. Answers false when the step is over before the operation comes. */
async function dieAt({ version, crashAt, powerFails }: Point, kind: Kind): Promise<boolean> {
  const root = prepare(version - 1);
  const before = commits(root);
  const crash = crashEngine({ root, crashAt, seed: crashAt, sql, ...(kind.clock && { clock: kind.clock() }) });
  const outcome = await take(crash, root, version);
  if (powerFails) crash.disk.powerCut(crashAt * 7 + version);
  const found = await reopen(plain, root);
  expect([version - 1, version]).toContain(found.version);
  if (outcome.isReported) expect(found.version).toBe(version);
  await checkVersions(root, found.version, kind.clock !== undefined);
  const published = commits(root);
  for (const [name, text] of published) if (before.has(name)) expect(text).toBe(before.get(name));
  if (kind.clock === undefined) for (const name of before.keys()) expect(published.has(name)).toBe(true);
  // The next process does the step again, and goes on.
  const ahead = steps.slice(version - 1, found.version + 1);
  for (const step of ahead) await step.run(found);
  expect(found.version).toBe(version - 1 + ahead.length);
  expect(await show(found)).toEqual(rowsAt(found.version));
  await plain.background.finish();
  rmSync(root, { recursive: true, force: true });
  return outcome.hasCrashed;
}

const operationsMax = 80;

describe.each(kinds)("a table $name", { timeout: 900_000 }, (kind) => {
  const points = kind.versions.map((version) => ({ version, name: steps[version - 1]?.name }));
  test.each(points)("survives a death at any operation of: $name", async ({ version }) => {
    for (const powerFails of [false, true]) {
      for (let crashAt = 1; ; crashAt += 1) {
        expect(crashAt).toBeLessThan(operationsMax);
        try {
          if (!(await dieAt({ version, crashAt, powerFails }, kind))) break;
        } catch (cause) {
          throw new Error(`death at operation ${crashAt}${powerFails ? ", and the power failed" : ""}`, { cause });
        }
      }
    }
  });
});

/** The operations of one undisturbed step. */
async function operationsOf(version: number, clock?: Clock): Promise<readonly string[]> {
  const root = prepare(version - 1);
  const crash = crashEngine({ root: join(root, "books"), sql, ...(clock && { clock }) });
  await take(crash, root, version);
  return inLanes(crash.disk.operations);
}

test("a commit with data files is these operations, in this order", async () => {
  expect(await operationsOf(1)).toMatchInlineSnapshot(`
    [
      "mkdir day=mon",
      "syncDirectory .",
      "parquet.write",
      "mkdir day=tue",
      "syncDirectory .",
      "parquet.write",
      "mkdir day=__HIVE_DEFAULT_PARTITION__",
      "syncDirectory .",
      "parquet.write",
      "syncDirectory .",
      "syncFile day=mon/part-00000-<uuid>-c000.snappy.parquet",
      "syncFile day=tue/part-00001-<uuid>-c000.snappy.parquet",
      "syncFile day=__HIVE_DEFAULT_PARTITION__/part-00002-<uuid>-c000.snappy.parquet",
      "syncDirectory day=mon",
      "syncDirectory day=tue",
      "syncDirectory day=__HIVE_DEFAULT_PARTITION__",
      "createFile _delta_log/.tmp-<uuid>",
      "syncFile _delta_log/.tmp-<uuid>",
      "link _delta_log/.tmp-<uuid> _delta_log/00000000000000000001.json",
      "unlink _delta_log/.tmp-<uuid>",
      "syncDirectory _delta_log",
      "createFile _delta_log/00000000000000000001.crc",
    ]
  `);
});

test("a commit that rewrites a file is these operations, in this order", async () => {
  expect(await operationsOf(3)).toMatchInlineSnapshot(`
    [
      "sql.copy",
      "syncFile day=mon/part-00000-<uuid>-c000.snappy.parquet",
      "syncDirectory day=mon",
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

test("a commit with a checkpoint and the cleaning of the log is these operations, in this order", async () => {
  expect(await operationsOf(6, afterSixtyDays())).toMatchInlineSnapshot(`
    [
      "mkdir day=sun",
      "syncDirectory .",
      "parquet.write",
      "syncFile day=sun/part-00000-<uuid>-c000.snappy.parquet",
      "syncDirectory day=sun",
      "syncDirectory .",
      "createFile _delta_log/.tmp-<uuid>",
      "syncFile _delta_log/.tmp-<uuid>",
      "link _delta_log/.tmp-<uuid> _delta_log/00000000000000000006.json",
      "unlink _delta_log/.tmp-<uuid>",
      "syncDirectory _delta_log",
      "createFile _delta_log/00000000000000000006.crc",
      "sql.copy",
      "syncFile _delta_log/.tmp-<uuid>.parquet",
      "rename _delta_log/.tmp-<uuid>.parquet _delta_log/00000000000000000006.checkpoint.parquet",
      "syncDirectory _delta_log",
      "unlink _delta_log/.tmp-<uuid>.parquet",
      "createFile _delta_log/.tmp-<uuid>",
      "rename _delta_log/.tmp-<uuid> _delta_log/_last_checkpoint",
      "unlink _delta_log/00000000000000000000.json",
      "unlink _delta_log/00000000000000000001.json",
      "unlink _delta_log/00000000000000000002.json",
      "unlink _delta_log/00000000000000000003.json",
      "unlink _delta_log/00000000000000000004.json",
      "unlink _delta_log/00000000000000000005.json",
      "unlink _delta_log/00000000000000000000.crc",
      "unlink _delta_log/00000000000000000001.crc",
      "unlink _delta_log/00000000000000000002.checkpoint.parquet",
      "unlink _delta_log/00000000000000000002.crc",
      "unlink _delta_log/00000000000000000003.crc",
      "unlink _delta_log/00000000000000000004.checkpoint.parquet",
      "unlink _delta_log/00000000000000000004.crc",
      "unlink _delta_log/00000000000000000005.crc",
    ]
  `);
});
