// One holder at a time, across processes; the dead hold nothing.
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished, expect, test } from "vitest";
import { systemClock } from "../../src/engine/base/clock.ts";
import { localProcessLocks } from "../../src/engine/files/process-locks.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const build = fileURLToPath(new URL("../../build/src/engine/", import.meta.url));
const locks = localProcessLocks(systemClock());

/** A process that tries to take the lock, says what came of it, and stays until it is killed. */
async function contender(path: string): Promise<{ readonly child: ChildProcess; readonly answer: string }> {
  const script = `import { localProcessLocks } from ${JSON.stringify(`${build}files/process-locks.js`)};
    import { systemClock } from ${JSON.stringify(`${build}base/clock.js`)};
    const lock = await localProcessLocks(systemClock()).acquire(${JSON.stringify(path)});
    process.stdout.write(lock === null ? "refused" : "held");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  return { child, answer: answer.toString() };
}

test("a lock is held once in a process, and free again when it is let go", async () => {
  const path = join(temporaryFolder(), "new/folder/lock");
  const first = await locks.acquire(path);
  expect(first).not.toBeNull();
  expect(await locks.acquire(path)).toBeNull();
  expect(await localProcessLocks(systemClock()).acquire(path)).toBeNull();
  await first?.[Symbol.asyncDispose]();
  const second = await locks.acquire(path);
  expect(second).not.toBeNull();
  await second?.[Symbol.asyncDispose]();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("two locks of one folder do not hinder each other, even when one's name starts with the other's", async () => {
  const folder = temporaryFolder();
  await using first = await locks.acquire(join(folder, "lock"));
  await using second = await locks.acquire(join(folder, "lock.2"));
  await using third = await locks.acquire(join(folder, "loc"));
  expect([first, second, third]).not.toContain(null);
  expect(await locks.acquire(join(folder, "lock"))).toBeNull();
});

test("a living process keeps its lock; a killed one loses it at once", async () => {
  const path = join(temporaryFolder(), "lock");
  const { child, answer } = await contender(path);
  expect(answer).toBe("held");
  expect(await locks.acquire(path)).toBeNull();
  child.kill("SIGKILL");
  await once(child, "exit");
  await using lock = await locks.acquire(path);
  expect(lock).not.toBeNull();
});

test("of many processes that come at once, one at most gets the lock", async () => {
  const path = join(temporaryFolder(), "lock");
  const answers = await Promise.all(Array.from({ length: 5 }, () => contender(path)));
  expect(answers.filter(({ answer }) => answer === "held").length).toBeLessThanOrEqual(1);
});

test("of many callers in one process that come at once, one gets the lock, or at least never two", async () => {
  for (let round = 0; round < 20; round += 1) {
    const path = join(temporaryFolder(), "lock");
    const held = (await Promise.all(Array.from({ length: 4 }, () => locks.acquire(path)))).filter(
      (lock) => lock !== null,
    );
    expect(held.length).toBeLessThanOrEqual(1);
    for (const lock of held) await lock[Symbol.asyncDispose]();
  }
});

test("a lock of a process number that has been given to another process is stale", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "lock");
  const own = await locks.acquire(path);
  const [file] = readdirSync(folder);
  const holder = JSON.parse(readFileSync(join(folder, file as string), "utf8")) as Record<string, unknown>;
  await own?.[Symbol.asyncDispose]();
  expect(holder).toMatchObject({ pid: process.pid });
  const stale = join(folder, "lock.00000000-0000-4000-8000-000000000000");
  writeFileSync(stale, JSON.stringify({ ...holder, processStart: "1" }));
  await using lock = await locks.acquire(path);
  expect(lock).not.toBeNull();
  expect(existsSync(stale)).toBe(false);
});

test("a holder on another machine is believed while its file is touched, and not for ever", async () => {
  const folder = temporaryFolder();
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "lock");
  const foreign = join(folder, "lock.00000000-0000-4000-8000-000000000000");
  writeFileSync(foreign, JSON.stringify({ pid: 1, processStart: "1", machine: "another" }));
  expect(await locks.acquire(path)).toBeNull();
  const twoMinutesAgo = new Date(Date.now() - 120_000);
  utimesSync(foreign, twoMinutesAgo, twoMinutesAgo);
  await using lock = await locks.acquire(path);
  expect(lock).not.toBeNull();
});
