// Durable files: what is reported as written survives, what is visible is whole, nothing is ever replaced by putIfAbsent.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { localFileStore } from "../../src/engine/files/local-file-store.ts";
import { CrashFileSystem } from "./crash-file-system.ts";
import { faultFileSystem } from "./fault-file-system.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const bytes = Buffer.from("0123456789".repeat(20));
const others = Buffer.from("theirs");

/** Files that readers see: staged names start with a dot. */
function visible(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => !name.startsWith(".")) : [];
}

test("putIfAbsent makes a file with its folders, and leaves nothing else", async () => {
  const root = temporaryFolder();
  const store = localFileStore();
  expect(await store.putIfAbsent(join(root, "a/b/file"), bytes)).toBe("created");
  expect(readFileSync(join(root, "a/b/file"))).toEqual(bytes);
  expect(readdirSync(join(root, "a/b"))).toEqual(["file"]);
});

test("putIfAbsent answers exists and leaves the other's file untouched, also when it appears at the last moment", async () => {
  const root = temporaryFolder();
  writeFileSync(join(root, "file"), others);
  expect(await localFileStore().putIfAbsent(join(root, "file"), bytes)).toBe("exists");
  const disk = new CrashFileSystem({ root });
  const racing = Object.assign(Object.create(disk) as CrashFileSystem, {
    stat: (path: string) => disk.stat(path),
    createFile: (path: string, content: Uint8Array) => {
      disk.createFile(path, content);
      writeFileSync(join(root, "late"), others);
    },
    syncFile: (path: string) => disk.syncFile(path),
    link: (from: string, to: string) => disk.link(from, to),
    unlink: (path: string) => disk.unlink(path),
    syncDirectory: (path: string) => disk.syncDirectory(path),
  });
  expect(await localFileStore(racing).putIfAbsent(join(root, "late"), bytes)).toBe("exists");
  expect(readFileSync(join(root, "file"))).toEqual(others);
  expect(readFileSync(join(root, "late"))).toEqual(others);
  expect(readdirSync(root).sort()).toEqual(["file", "late"]);
});

test("the operations of putIfAbsent in a new folder are on record", async () => {
  const root = temporaryFolder();
  const disk = new CrashFileSystem({ root });
  await localFileStore(disk).putIfAbsent(join(root, "log/0.json"), bytes);
  await localFileStore(disk).put(join(root, "log/hint"), bytes);
  expect(disk.operations).toEqual([
    "mkdir log",
    "syncDirectory .",
    "createFile log/.tmp-<uuid>",
    "syncFile log/.tmp-<uuid>",
    "link log/.tmp-<uuid> log/0.json",
    "unlink log/.tmp-<uuid>",
    "syncDirectory log",
    "syncDirectory .",
    "createFile log/.tmp-<uuid>",
    "syncFile log/.tmp-<uuid>",
    "rename log/.tmp-<uuid> log/hint",
    "syncDirectory log",
  ]);
});

type Verb = "putIfAbsent" | "put";

/** Dies at operation `crashAt`, loses power, and says what was reported and what is there afterwards. */
async function crash(
  verb: Verb,
  crashAt: number,
  seed: number,
): Promise<{ reported: string; found: Uint8Array | null; operationCount: number }> {
  const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  try {
    if (verb === "put") {
      mkdirSync(join(root, "deep/er"), { recursive: true });
      writeFileSync(join(root, "deep/er/file"), others);
    }
    const disk = new CrashFileSystem({ root, crashAt, seed });
    const write = localFileStore(disk)[verb];
    const reported = await write(join(root, "deep/er/file"), bytes).then(
      (answer) => answer ?? "put",
      () => "failed",
    );
    disk.powerCut(seed);
    const [name] = visible(join(root, "deep/er"));
    return {
      reported,
      found: name === undefined ? null : readFileSync(join(root, "deep/er", name)),
      operationCount: disk.operations.length,
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

test("a power cut at any operation of putIfAbsent leaves the file whole or absent, and whole once it was reported (L3, L6)", async () => {
  const { operationCount } = await crash("putIfAbsent", Number.POSITIVE_INFINITY, 1);
  expect(operationCount).toBeGreaterThan(5);
  for (let crashAt = 1; crashAt <= operationCount + 1; crashAt += 1) {
    for (let seed = 1; seed <= 12; seed += 1) {
      const { reported, found } = await crash("putIfAbsent", crashAt, seed);
      expect(reported).toBe(crashAt <= operationCount ? "failed" : "created");
      if (reported === "created" || found !== null) expect(found).toEqual(bytes);
    }
  }
});

test("a power cut at any operation of put leaves the old content or the new, and the new once it was reported", async () => {
  const { operationCount } = await crash("put", Number.POSITIVE_INFINITY, 1);
  for (let crashAt = 1; crashAt <= operationCount + 1; crashAt += 1) {
    for (let seed = 1; seed <= 12; seed += 1) {
      const { reported, found } = await crash("put", crashAt, seed);
      if (reported === "put") expect(found).toEqual(bytes);
      else expect([bytes, others]).toContainEqual(found);
    }
  }
});

test("files that others wrote survive a power cut after sync, their new folders too", async () => {
  for (let seed = 1; seed <= 10; seed += 1) {
    const root = temporaryFolder();
    const disk = new CrashFileSystem({ root, seed });
    mkdirSync(join(root, "p=1/q=2"), { recursive: true });
    writeFileSync(join(root, "p=1/q=2/a.parquet"), bytes);
    writeFileSync(join(root, "p=1/b.parquet"), bytes);
    await localFileStore(disk).sync([join(root, "p=1/q=2/a.parquet"), join(root, "p=1/b.parquet")]);
    disk.powerCut(seed);
    expect(readFileSync(join(root, "p=1/q=2/a.parquet"))).toEqual(bytes);
    expect(readFileSync(join(root, "p=1/b.parquet"))).toEqual(bytes);
  }
});

test("the crash double loses what was not synced", () => {
  const outcomes = new Set<string>();
  for (let seed = 1; seed <= 40; seed += 1) {
    const root = temporaryFolder();
    const disk = new CrashFileSystem({ root });
    disk.createFile(join(root, "file"), bytes);
    disk.powerCut(seed);
    const found = existsSync(join(root, "file")) ? readFileSync(join(root, "file")).length : -1;
    outcomes.add(found === -1 ? "absent" : found === bytes.length ? "whole" : found === 0 ? "empty" : "torn");
  }
  expect([...outcomes].sort()).toEqual(["absent", "empty", "torn", "whole"]);
});

test("sync visits each file and each folder once", async () => {
  const root = temporaryFolder();
  const disk = new CrashFileSystem({ root });
  const store = localFileStore(disk);
  await store.makeDirectory(join(root, "d"));
  for (const name of ["a", "b", "c"]) writeFileSync(join(root, "d", name), bytes);
  const before = disk.operations.length;
  await store.sync(["a", "b", "c", "a"].map((name) => join(root, "d", name)));
  expect(disk.operations.slice(before).sort()).toEqual([
    "syncDirectory d",
    "syncFile d/a",
    "syncFile d/b",
    "syncFile d/c",
  ]);
});

test("list is ascending by UTF-8 bytes, and a folder that is not there is empty", async () => {
  const root = temporaryFolder();
  const names = ["b", "a", "Z", "é", "\u{ffee}", "\u{1f600}", "a.b", "_delta_log", ".hidden"];
  for (const name of names) writeFileSync(join(root, name), name);
  const found = (await localFileStore().list(root)).map((file) => file.name);
  expect(found).toEqual([...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  expect(await localFileStore().list(join(root, "absent"))).toEqual([]);
});

test("list passes over a dangling link and tells folders from files", async () => {
  const root = temporaryFolder();
  symlinkSync(join(root, "nowhere"), join(root, "dangling"));
  mkdirSync(join(root, "folder"));
  writeFileSync(join(root, "file"), "12345");
  const found = await localFileStore().list(root);
  expect(found.map(({ name, isDirectory }) => [name, isDirectory])).toEqual([
    ["file", false],
    ["folder", true],
  ]);
  expect(found[0]).toMatchObject({ path: join(root, "file"), sizeBytes: 5 });
  expect(Number.isInteger(found[0]?.modificationTimeMs)).toBe(true);
});

test("reading an absent file is FILE_NOT_FOUND with its path; removing or looking at one is no error", async () => {
  const path = join(temporaryFolder(), "absent");
  await expect(localFileStore().read(path)).rejects.toMatchObject({ code: "FILE_NOT_FOUND", context: { path } });
  await expect(localFileStore().remove(path)).resolves.toBeUndefined();
  expect(await localFileStore().stat(path)).toBeNull();
});

test("copy makes the same bytes and refuses to replace a file", async () => {
  const root = temporaryFolder();
  const store = localFileStore();
  writeFileSync(join(root, "from"), bytes);
  await store.copy(join(root, "from"), join(root, "new/to"));
  expect(readFileSync(join(root, "new/to"))).toEqual(bytes);
  writeFileSync(join(root, "taken"), others);
  await expect(store.copy(join(root, "from"), join(root, "taken"))).rejects.toMatchObject({ code: "IO_ERROR" });
  expect(readFileSync(join(root, "taken"))).toEqual(others);
  await expect(store.copy(join(root, "none"), join(root, "x"))).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
});

test("a full disk at any operation is DISK_FULL, any other fault IO_ERROR; nothing torn is visible and no staged file stays", async () => {
  for (const [errno, code] of [
    ["ENOSPC", "DISK_FULL"],
    ["EDQUOT", "DISK_FULL"],
    ["EIO", "IO_ERROR"],
  ] as const) {
    for (let failAt = 1; failAt <= 6; failAt += 1) {
      const root = temporaryFolder();
      const faulty = faultFileSystem({
        failAt,
        errno,
        only: ["createFile", "syncFile", "syncDirectory", "link", "mkdir"],
      });
      const answer = await localFileStore(faulty)
        .putIfAbsent(join(root, "d/file"), bytes)
        .catch((error: unknown) => error);
      expect(answer).toMatchObject({ code });
      for (const name of visible(join(root, "d"))) expect(readFileSync(join(root, "d", name))).toEqual(bytes);
      if (existsSync(join(root, "d")))
        expect(readdirSync(join(root, "d")).filter((name) => name.startsWith("."))).toEqual([]);
    }
  }
});

test("a file system without hard links is refused with a clear error", async () => {
  const root = temporaryFolder();
  const store = localFileStore(faultFileSystem({ failAt: 1, errno: "EPERM", only: ["link"] }));
  await expect(store.putIfAbsent(join(root, "file"), bytes)).rejects.toThrow(/no hard links/);
  expect(readdirSync(root)).toEqual([]);
});

test("of many writers of one name exactly one creates it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 2, max: 12 }), async (count) => {
      const root = mkdtempSync(join(tmpdir(), "alluvium-test-"));
      const contents = Array.from({ length: count }, (_, index) => Buffer.from(`writer ${index}`));
      const answers = await Promise.all(
        contents.map((content) => localFileStore().putIfAbsent(join(root, "d/file"), content)),
      );
      expect(answers.filter((answer) => answer === "created")).toHaveLength(1);
      expect(readFileSync(join(root, "d/file"))).toEqual(contents[answers.indexOf("created")]);
      rmSync(root, { recursive: true, force: true });
    }),
    { seed: 7, numRuns: 30 },
  );
});
