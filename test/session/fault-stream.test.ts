// test/session/fault-stream.test.ts: each file operation of a stream fails once: the query ends with an error that says so by its
// code, and started again it gives each row once.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { localFileStore } from "../../src/engine/files/local-file-store.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { Session } from "../../src/session/door/session.ts";
import { memoryLocks } from "../engine/crash-engine.ts";
import { faultFileSystem } from "../engine/fault-file-system.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { type Calls, type Start, createSource, drain, starts, targetIds } from "./streams.ts";

muteWarnings();
const plain = localEngine();
const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(async () => {
  await plain[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const template = join(folder, "template");
beforeAll(async () => {
  mkdirSync(template);
  await createSource(Session.over(plain, { warehouse: template }));
});

/** The error a stream ends with; null when it does not. */
async function errorOf(work: Promise<void>): Promise<AlluviumError | null> {
  try {
    await work;
    return null;
  } catch (error) {
    if (error instanceof AlluviumError) return error;
    throw error;
  }
}

const codes = { EIO: "IO_ERROR", ENOSPC: "DISK_FULL" } as const;

/** The codes of an error and its causes, outermost first. */
function codesOf(error: unknown): readonly string[] {
  return error instanceof AlluviumError ? [error.code, ...codesOf(error.cause)] : [];
}

async function failAt(
  count: number,
  errno: keyof typeof codes,
  start: Start,
): Promise<{ readonly isOver: boolean; readonly hasFailed: boolean }> {
  const root = join(folder, `run-${errno}-${count}`);
  cpSync(template, root, { recursive: true });
  const disk = faultFileSystem({ failAt: count, errno });
  const calls: Calls = new Map();
  const faulty = Session.over({ ...plain, files: localFileStore(disk), locks: memoryLocks() }, { warehouse: root });
  const error = await errorOf(drain(start, { root, session: faulty }, calls));
  try {
    if (error !== null) expect(codesOf(error)).toContain(codes[errno]);
    const healthy = { root, session: Session.over({ ...plain, locks: memoryLocks() }, { warehouse: root }) };
    await drain(start, healthy, calls);
    expect(await targetIds(healthy)).toEqual([1, 2, 3, 5]);
  } catch (cause) {
    throw new Error(`fault at operation ${count}: ${disk.operations.at(-1)}`, { cause });
  }
  rmSync(root, { recursive: true, force: true });
  return { isOver: disk.operations.length < count, hasFailed: error !== null };
}

describe.each(Object.entries(starts))("%s", { timeout: 600_000 }, (_name, start) => {
  test.each(Object.keys(codes) as (keyof typeof codes)[])("survives %s at any operation", async (errno) => {
    let failedCount = 0;
    for (let count = 1; ; count += 1) {
      const { isOver, hasFailed } = await failAt(count, errno, start);
      if (hasFailed) failedCount += 1;
      if (isOver) break;
    }
    expect(failedCount).toBeGreaterThan(10);
  });
});
