// test/table/fault.test.ts: each file operation of a commit fails once. What is reported is true, the data are whole, and the next
// try succeeds.
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Engine, ParquetEngine, SqlConnection } from "../../src/engine/base/engine.ts";
import { localFileStore } from "../../src/engine/files/local-file-store.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { faultFileSystem } from "../engine/fault-file-system.ts";
import type { FaultOptions } from "../engine/fault-file-system.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { live, reopen, rowsAt, sharedEngine, show, steps } from "./life.ts";

muteWarnings();
const plain = sharedEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const template = (version: number): string => join(folder, `version-${version}`);
beforeAll(async () => {
  for (let version = 0; version < steps.length; version += 1) await live(plain, template(version), version);
});

let folderCount = 0;

function prepare(version: number): string {
  const root = join(folder, `run-${(folderCount += 1)}`);
  cpSync(template(version), root, { recursive: true });
  return root;
}

/** Takes the step to `version` on `engine`; the error it ends with, or null. */
async function attempt(engine: Engine, root: string, version: number): Promise<AlluviumError | null> {
  try {
    await steps[version - 1]?.run(await reopen(engine, root));
    return null;
  } catch (error) {
    if (error instanceof AlluviumError) return error;
    throw error;
  } finally {
    await engine.background.finish();
  }
}

/** What was reported is true; and the next try, on a healthy disk, leaves the rows once. */
async function checkAfter(root: string, version: number, error: AlluviumError | null): Promise<void> {
  const found = await reopen(plain, root);
  const isVisible = error === null || error.context["outcome"] === "published";
  expect(found.version).toBe(isVisible ? version : version - 1);
  expect(await show(found)).toEqual(rowsAt(found.version));
  await steps[version - 1]?.run(found);
  expect(found.version).toBe(version);
  expect(await show(found)).toEqual(rowsAt(version));
  await plain.background.finish();
  rmSync(root, { recursive: true, force: true });
}

const codes = { EIO: "IO_ERROR", ENOSPC: "DISK_FULL" } as const;

describe.each(Object.keys(codes) as (keyof typeof codes)[])(
  "when an operation fails with %s",
  { timeout: 600_000 },
  (errno) => {
    const all = steps.map((step, index) => ({ name: step.name, version: index + 1 }));
    test.each(all)("it is told by its code, and nothing is lost or doubled: $name", async ({ version }) => {
      let failedCount = 0;
      for (let failAt = 1; ; failAt += 1) {
        const root = prepare(version - 1);
        const disk = faultFileSystem({ failAt, errno });
        const error = await attempt({ ...plain, files: localFileStore(disk) }, root, version);
        try {
          if (error !== null) expect(error.code).toBe(codes[errno]);
          await checkAfter(root, version, error);
        } catch (cause) {
          throw new Error(`fault at operation ${failAt}: ${disk.operations.at(-1)}`, { cause });
        }
        if (error !== null) failedCount += 1;
        if (disk.operations.length < failAt) break;
      }
      // Most operations matter; what follows a commit does not undo it.
      expect(failedCount).toBeGreaterThan(2);
    });
  },
);

test.each(steps.map((step, index) => ({ name: step.name, version: index + 1 })))(
  "an operation that fails after the commit leaves the commit standing: $name",
  async ({ version }) => {
    const root = prepare(version - 1);
    const count: FaultOptions = {
      failAt: Number.POSITIVE_INFINITY,
      errno: "EIO",
      only: ["link", "rename", "createFile"],
    };
    const disk = faultFileSystem(count);
    expect(await attempt({ ...plain, files: localFileStore(disk) }, root, version)).toBeNull();
    // The first link is the commit; what comes after it is checksum, checkpoint and its hint.
    const afterCommit = disk.operations.findIndex((operation) => operation.startsWith("link")) + 2;
    for (let failAt = afterCommit; failAt <= disk.operations.length; failAt += 1) {
      const again = prepare(version - 1);
      const faulty = faultFileSystem({ ...count, failAt });
      expect(await attempt({ ...plain, files: localFileStore(faulty) }, again, version)).toBeNull();
      await checkAfter(again, version, null);
    }
    expect(disk.operations.length).toBeGreaterThanOrEqual(afterCommit);
  },
);

/** An engine whose data files cannot be written, as when the disk is full. */
function fullDisk(): Engine {
  const full = (): AlluviumError => new AlluviumError("DISK_FULL", {}, "no space left on the device");
  const parquet: ParquetEngine = { ...plain.parquet, write: () => Promise.reject(full()) };
  const isCopy = (text: string): boolean => /^\s*COPY\b/iu.test(text);
  const connect = async (): Promise<SqlConnection> => {
    const connection = await plain.sql.connect();
    return {
      run: (text, texts) => (isCopy(text) ? Promise.reject(full()) : connection.run(text, texts)),
      rows: (text) => (isCopy(text) ? Promise.reject(full()) : connection.rows(text)),
      batches: (text, schema) => connection.batches(text, schema),
      interrupt: () => connection.interrupt(),
      [Symbol.asyncDispose]: () => connection[Symbol.asyncDispose](),
    };
  };
  return { ...plain, parquet, sql: { connect, register: () => undefined, close: () => Promise.resolve() } };
}

// Deleting a whole partition writes no data file.
test.each([1, 2, 3, 5, 6])(
  "a disk too full for data files fails the step to version %i with DISK_FULL",
  async (version) => {
    const root = prepare(version - 1);
    const error = await attempt(fullDisk(), root, version);
    expect(error?.code).toBe("DISK_FULL");
    await checkAfter(root, version, error);
  },
);
