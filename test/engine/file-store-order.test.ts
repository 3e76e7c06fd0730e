// What the file store syncs, in which order, and what it leaves to chance on purpose.
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { oneAtATime } from "../../src/engine/base/background.ts";
import { nodeFileSystem } from "../../src/engine/files/file-system.ts";
import { localFileStore } from "../../src/engine/files/local-file-store.ts";
import { CrashFileSystem } from "./crash-file-system.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const bytes = Buffer.from("content");

test("a hint replaces the file as a whole and syncs nothing", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "hint"), "before");
  const disk = new CrashFileSystem({ root });
  await localFileStore(disk).putHint(join(root, "hint"), bytes);
  expect(readFileSync(join(root, "hint"))).toEqual(bytes);
  expect(disk.operations.filter((operation) => !operation.endsWith(" ."))).toEqual([
    "createFile .tmp-<uuid>",
    "rename .tmp-<uuid> hint",
  ]);
});

test("a hint that is there is left as it is, and one that cannot be written leaves nothing", async () => {
  const root = temporaryFolder();
  const disk = new CrashFileSystem({ root });
  await localFileStore(disk).putHintIfAbsent(join(root, "hint"), bytes);
  await localFileStore(disk).putHintIfAbsent(join(root, "hint"), Buffer.from("other"));
  expect(readFileSync(join(root, "hint"))).toEqual(bytes);
  const full = {
    ...nodeFileSystem(),
    createFile: (path: string): void => {
      writeFileSync(path, "con");
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    },
  };
  const put = localFileStore(full).putHintIfAbsent(join(root, "second"), bytes);
  await expect(put).rejects.toMatchObject({ code: "DISK_FULL" });
  expect(readdirSync(root)).toEqual(["hint"]);
});

test("a staged file is durable before it gets its name, and the name after it", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, ".tmp-1"), bytes);
  const disk = new CrashFileSystem({ root });
  await localFileStore(disk).adopt(join(root, ".tmp-1"), join(root, "file"));
  expect(disk.operations).toEqual(["syncFile .tmp-1", "rename .tmp-1 file", "syncDirectory ."]);
  expect(readdirSync(root)).toEqual(["file"]);
});

test("a file that names others is written before any of them is synced, and appears after all of them", async () => {
  const root = temporaryFolder();
  let others = (): void => undefined;
  const settled = new Promise<void>((resolve) => (others = resolve));
  let asked: (before: readonly string[]) => void = () => undefined;
  const before = new Promise<readonly string[]>((resolve) => (asked = resolve));
  const put = localFileStore().putIfAbsent(join(root, "file"), bytes, () => {
    asked(readdirSync(root));
    return settled;
  });
  expect(await before).toEqual([expect.stringMatching(/^\.tmp-/)]);
  expect(existsSync(join(root, "file"))).toBe(false);
  others();
  expect(await put).toBe("created");
  expect(readFileSync(join(root, "file"))).toEqual(bytes);
});

test("a file that waits for others in vain never appears, and leaves nothing", async () => {
  const root = temporaryFolder();
  const settle = (): Promise<void> => Promise.reject(new Error("their sync failed"));
  await expect(localFileStore().putIfAbsent(join(root, "file"), bytes, settle)).rejects.toThrow("their sync failed");
  expect(readdirSync(root)).toEqual([]);
});

test("works beside the caller run one at a time, and finishing waits for them whatever becomes of them", async () => {
  const background = oneAtATime();
  const seen: string[] = [];
  const work = (name: string, fails: boolean) => async (): Promise<void> => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, 20));
    seen.push(`${name} ends`);
    if (fails) throw new Error(name);
  };
  await background.start(work("first", true));
  expect(seen).toEqual(["first begins"]);
  await background.start(work("second", false));
  expect(seen).toEqual(["first begins", "first ends", "second begins"]);
  await background.finish();
  expect(seen.at(-1)).toBe("second ends");
});
