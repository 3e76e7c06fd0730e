// engine/files/local-file-store.ts: durable files on a local disk. What is reported as written survives a power cut (law L6),
// and what is visible is whole (law L3).
import { randomUUID } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import type { DirectoryEntry, FileInfo, FileStore } from "../base/engine.ts";
import { durableDirectories } from "./durable-directories.ts";
import type { DurableDirectories } from "./durable-directories.ts";
import type { FileStatus, FileSystem } from "./file-system.ts";
import { nodeFileSystem } from "./file-system.ts";
import { errnoOf, fileNotFound, ioError } from "../base/io-error.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { compareText } from "../../format/text/utf8-order.ts";
import { forEachBounded } from "../base/bounded.ts";

/** Files whose names start so are staged: not visible yet, and left behind only by a process that died. */
export const stagedPrefix = ".tmp-";

/** Files on the disk of this machine, or on any other `FileSystem`. */
export function localFileStore(fileSystem: FileSystem = nodeFileSystem()): FileStore {
  const directories = durableDirectories(fileSystem);
  const disk: Disk = { fileSystem, directories };
  return {
    list: async (directory) => list(fileSystem, directory),
    entries: async (directory) => entriesOf(fileSystem, resolve(directory)),
    read: async (path) => read(fileSystem, path),
    putIfAbsent: (path, bytes, settle) => putIfAbsent(disk, path, { bytes, settle }),
    put: (path, bytes) => put(disk, path, bytes),
    putHint: (path, bytes) => putHint(disk, path, bytes),
    putHintIfAbsent: async (path, bytes) => putHintIfAbsent(fileSystem, path, bytes),
    adopt: (staged, path) => adopt(disk, staged, path),
    stat: async (path) => statFile(fileSystem, path),
    remove: async (path) => remove(fileSystem, path),
    makeDirectory: (directory) => directories.make(directory),
    copy: (from, to) => copy(disk, from, to),
    sync: (paths) => sync(disk, paths),
  };
}

interface Disk {
  readonly fileSystem: FileSystem;
  readonly directories: DurableDirectories;
}

const syncsAtOnceMax = 16;

function list(fileSystem: FileSystem, directory: string): readonly FileInfo[] {
  const absolute = resolve(directory);
  const found: FileInfo[] = [];
  for (const { name } of entriesOf(fileSystem, absolute)) {
    const file = statFile(fileSystem, join(absolute, name));
    if (file !== null) found.push(file); // null: removed since the folder was read
  }
  return found.sort((a, b) => compareText(a.name, b.name));
}

function entriesOf(fileSystem: FileSystem, absolute: string): readonly DirectoryEntry[] {
  try {
    return fileSystem.readdir(absolute);
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return [];
    throw ioError("list", absolute, cause);
  }
}

function fileInfo(path: string, name: string, status: FileStatus): FileInfo {
  const { sizeBytes, modificationTimeMs, isDirectory } = status;
  return { path, name, sizeBytes, modificationTimeMs: Math.trunc(modificationTimeMs), isDirectory };
}

function read(fileSystem: FileSystem, path: string): Uint8Array {
  try {
    return fileSystem.readFile(path);
  } catch (cause) {
    if (isAbsent(cause)) throw fileNotFound(path, cause);
    throw ioError("read", path, cause);
  }
}

function statFile(fileSystem: FileSystem, path: string): FileInfo | null {
  const absolute = resolve(path);
  try {
    const status = fileSystem.stat(absolute);
    return status === null ? null : fileInfo(absolute, basename(absolute), status);
  } catch (cause) {
    if (isAbsent(cause)) return null;
    throw ioError("look at", absolute, cause);
  }
}

function remove(fileSystem: FileSystem, path: string): void {
  try {
    fileSystem.unlink(path);
  } catch (cause) {
    if (!isAbsent(cause)) throw ioError("remove", path, cause);
  }
}

interface NewContent {
  readonly bytes: Uint8Array;
  readonly settle: (() => Promise<void>) | undefined;
}

async function putIfAbsent(disk: Disk, path: string, { bytes, settle }: NewContent): Promise<"created" | "exists"> {
  const { fileSystem } = disk;
  // Losing is cheap when it can be seen beforehand; the link below decides all the same.
  if (statFile(fileSystem, path) !== null) return "exists";
  const staged = await stage(disk, path, bytes);
  const outcomes = await Promise.allSettled([syncStaged(disk, staged, path), settle?.()]);
  for (const outcome of outcomes) {
    if (outcome.status === "fulfilled") continue;
    discard(fileSystem, staged);
    throw outcome.reason;
  }
  try {
    // Link, not rename: rename would silently replace what another writer published first.
    fileSystem.link(staged, path);
  } catch (cause) {
    discard(fileSystem, staged);
    if (errnoOf(cause) === "EEXIST") return "exists";
    throw linkError(path, cause);
  }
  discard(fileSystem, staged);
  await syncDirectory(disk, dirname(path));
  return "created";
}

async function put(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  const staged = await stage(disk, path, bytes);
  await syncStaged(disk, staged, path);
  rename(disk, staged, path);
  await syncDirectory(disk, dirname(path));
}

async function putHint(disk: Disk, path: string, bytes: Uint8Array): Promise<void> {
  rename(disk, await stage(disk, path, bytes), path);
}

function putHintIfAbsent(fileSystem: FileSystem, path: string, bytes: Uint8Array): void {
  try {
    fileSystem.createFile(path, bytes);
  } catch (cause) {
    if (errnoOf(cause) === "EEXIST") return;
    discard(fileSystem, path);
    throw ioError("write", path, cause);
  }
}

async function adopt(disk: Disk, staged: string, path: string): Promise<void> {
  try {
    await disk.fileSystem.syncFile(staged);
  } catch (cause) {
    throw ioError("sync", staged, cause);
  }
  rename(disk, staged, path);
  await syncDirectory(disk, dirname(path));
}

function rename({ fileSystem }: Disk, staged: string, path: string): void {
  try {
    fileSystem.rename(staged, path);
  } catch (cause) {
    discard(fileSystem, staged);
    throw ioError("replace", path, cause);
  }
}

/** Writes the bytes beside `path` under a hidden name of their own; they are not durable yet. */
async function stage({ fileSystem, directories }: Disk, path: string, bytes: Uint8Array): Promise<string> {
  const directory = dirname(path);
  const staged = join(directory, `${stagedPrefix}${randomUUID()}`);
  await directories.make(directory);
  try {
    fileSystem.createFile(staged, bytes);
  } catch (cause) {
    discard(fileSystem, staged);
    throw ioError("write", path, cause);
  }
  return staged;
}

async function syncStaged({ fileSystem }: Disk, staged: string, path: string): Promise<void> {
  try {
    await fileSystem.syncFile(staged);
  } catch (cause) {
    discard(fileSystem, staged);
    throw ioError("write", path, cause);
  }
}

/** Removes a staged file; one that stays is hidden, so its failure changes nothing. */
function discard(fileSystem: FileSystem, staged: string): void {
  try {
    fileSystem.unlink(staged);
  } catch {
    // The outcome is decided by now, and readers pass over staged names.
  }
}

function linkError(path: string, cause: unknown): AlluviumError {
  const errno = errnoOf(cause);
  if (errno === undefined || !linkless.has(errno)) return ioError("publish", path, cause);
  const message = `could not publish ${path}: the file system has no hard links, without which two writers could overwrite each other's commits; keep the table on ext4, XFS, Btrfs, APFS, NTFS or another file system that has them`;
  return new AlluviumError("IO_ERROR", { path, operation: "publish", errno }, message, { cause });
}

const linkless: ReadonlySet<string> = new Set(["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS"]);

async function syncDirectory({ fileSystem }: Disk, directory: string): Promise<void> {
  try {
    // The directory entry is data too: without this sync a power cut can forget a commit that was reported.
    await fileSystem.syncDirectory(directory);
  } catch (cause) {
    throw ioError("sync", directory, cause);
  }
}

async function copy(disk: Disk, from: string, to: string): Promise<void> {
  const { fileSystem, directories } = disk;
  if (statFile(fileSystem, from) === null) throw fileNotFound(from);
  await directories.make(dirname(to));
  try {
    await fileSystem.copyFile(from, to);
  } catch (cause) {
    if (errnoOf(cause) !== "EEXIST") discard(fileSystem, to);
    throw ioError("copy to", to, cause);
  }
}

async function sync(disk: Disk, paths: readonly string[]): Promise<void> {
  const { fileSystem, directories } = disk;
  const files = new Set(paths.map((path) => resolve(path)));
  const folders = new Set([...files].map((path) => dirname(path)));
  const unsettled = new Set([...folders].flatMap((folder) => directories.unsettledParents(folder)));
  const syncs = [...files].map((path) => ({ path, isFile: true }));
  for (const path of new Set([...folders, ...unsettled])) syncs.push({ path, isFile: false });
  await forEachBounded(syncs, syncsAtOnceMax, async ({ path, isFile }) => {
    try {
      await (isFile ? fileSystem.syncFile(path) : fileSystem.syncDirectory(path));
    } catch (cause) {
      if (isAbsent(cause)) throw fileNotFound(path, cause);
      throw ioError("sync", path, cause);
    }
  });
  directories.settle([...folders]);
}

function isAbsent(cause: unknown): boolean {
  const errno = errnoOf(cause);
  return errno === "ENOENT" || errno === "ENOTDIR";
}
