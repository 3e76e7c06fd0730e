// engine/files/file-system.ts: the primitive operations of a disk. `local-file-store.ts` builds durability out of them,
// and the tests put a crashing disk in their place.
import {
  closeSync,
  constants,
  copyFile,
  fsync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import type { DirectoryEntry } from "../base/engine.ts";

/** What the disk says of one path. `inode` tells a folder from one made anew under its name. */
export interface FileStatus {
  readonly isDirectory: boolean;
  readonly sizeBytes: number;
  readonly modificationTimeMs: number;
  /** When the file was made; 0 where the file system does not know. */
  readonly birthTimeMs: number;
  readonly inode: number;
}

/**
 * Primitive file operations; they throw the system's own errors (`code` ENOENT, EEXIST, …). Small operations are synchronous,
 * which is twice as fast; syncs and copies, which take milliseconds, leave the event loop free.
 */
export interface FileSystem {
  readFile(path: string): Uint8Array;
  /** Makes a new file with this content; EEXIST when there is one. Nothing is durable yet. */
  createFile(path: string, bytes: Uint8Array): void;
  /** Makes a file's content durable, whoever wrote it. */
  syncFile(path: string): Promise<void>;
  /** Makes the names in a folder durable. */
  syncDirectory(path: string): Promise<void>;
  /** Gives a file a second name; EEXIST when that name is taken. */
  link(from: string, to: string): void;
  /** Renames, replacing what bears the new name. */
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Makes one folder; its parent must exist. */
  mkdir(path: string): void;
  readdir(path: string): readonly DirectoryEntry[];
  /** Null when nothing bears that name. */
  stat(path: string): FileStatus | null;
  /** Copies into a new file, by cloned extents where the disk can; EEXIST when there is one. */
  copyFile(from: string, to: string): Promise<void>;
}

/** The file system of this machine. */
export function nodeFileSystem(): FileSystem {
  return {
    readFile: (path) => readFileSync(path),
    createFile,
    syncFile: (path) => syncPath(path, process.platform === "win32" ? "r+" : "r"),
    // Windows cannot open a folder; its file systems journal names by themselves.
    syncDirectory: (path) => (process.platform === "win32" ? Promise.resolve() : syncPath(path, "r")),
    link: linkSync,
    rename: renameSync,
    unlink: unlinkSync,
    mkdir: (path) => mkdirSync(path),
    readdir: (path) =>
      readdirSync(path, { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        isDirectory: entry.isDirectory(),
      })),
    stat,
    copyFile: copyNewFile,
  };
}

function createFile(path: string, bytes: Uint8Array): void {
  const file = openSync(path, "wx");
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written, bytes.length - written);
  } finally {
    closeSync(file);
  }
}

function syncPath(path: string, flags: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const file = openSync(path, flags);
    fsync(file, (error) => {
      closeSync(file);
      if (error === null) resolve();
      else reject(error);
    });
  });
}

function stat(path: string): FileStatus | null {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return null;
  return {
    isDirectory: found.isDirectory(),
    sizeBytes: found.size,
    modificationTimeMs: found.mtimeMs,
    birthTimeMs: found.birthtimeMs,
    inode: found.ino,
  };
}

function copyNewFile(from: string, to: string): Promise<void> {
  return new Promise((resolve, reject) => {
    copyFile(from, to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL, (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
}
