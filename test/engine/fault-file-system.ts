// test/engine/fault-file-system.ts: a file system one operation of which fails once, with no effect.
import type { FileSystem } from "../../src/engine/files/file-system.ts";
import { nodeFileSystem } from "../../src/engine/files/file-system.ts";

/** Which operation fails, and how. */
export interface FaultOptions {
  /** Number of the changing operation, from 1 on. */
  readonly failAt: number;
  readonly errno: "EIO" | "ENOSPC" | "EPERM" | "EDQUOT";
  /** Only these operations are counted; all changing ones when absent. */
  readonly only?: readonly (keyof FileSystem)[];
}

const changing: readonly (keyof FileSystem)[] = [
  "createFile",
  "syncFile",
  "syncDirectory",
  "link",
  "rename",
  "unlink",
  "mkdir",
  "copyFile",
];

/** The real file system, with one fault. `operations` lists the counted operations by name. */
export function faultFileSystem({
  failAt,
  errno,
  only,
}: FaultOptions): FileSystem & { readonly operations: readonly string[] } {
  const disk = nodeFileSystem();
  const operations: string[] = [];
  const counted = new Set(only ?? changing);
  const check = (name: keyof FileSystem): void => {
    if (!counted.has(name)) return;
    operations.push(name);
    if (operations.length === failAt)
      throw Object.assign(new Error(`${errno}: simulated fault, ${name}`), { code: errno });
  };
  const wrap =
    <A extends unknown[], R>(name: keyof FileSystem, call: (...args: A) => R) =>
    (...args: A): R => {
      check(name);
      return call(...args);
    };
  const wrapAsync =
    <A extends unknown[], R>(name: keyof FileSystem, call: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      check(name);
      return call(...args);
    };
  return {
    ...disk,
    operations,
    createFile: wrap("createFile", disk.createFile),
    syncFile: wrapAsync("syncFile", disk.syncFile),
    syncDirectory: wrapAsync("syncDirectory", disk.syncDirectory),
    link: wrap("link", disk.link),
    rename: wrap("rename", disk.rename),
    unlink: wrap("unlink", disk.unlink),
    mkdir: wrap("mkdir", disk.mkdir),
    copyFile: wrapAsync("copyFile", disk.copyFile),
  };
}
