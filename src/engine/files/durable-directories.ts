// engine/files/durable-directories.ts: folders whose own names survive a power cut. A file in a folder is durable only when the
// folder's entry in its parent is, and so on upwards.
import { dirname, resolve } from "node:path";
import type { FileStatus, FileSystem } from "./file-system.ts";
import { errnoOf, ioError } from "../base/io-error.ts";

/** Remembers which folders are known to be durable, so that each is seen to once. */
export interface DurableDirectories {
  /** Makes a folder and its parents as needed; afterwards the folder's name is durable. */
  make(directory: string): Promise<void>;
  /** The parents to sync so that `directory`, which exists, is durable; empty when it is known to be. */
  unsettledParents(directory: string): readonly string[];
  /** Notes that these folders and their parents are durable now. */
  settle(directories: readonly string[]): void;
}

/** Folders of one file system; see `DurableDirectories`. */
export function durableDirectories(fileSystem: FileSystem): DurableDirectories {
  const settled = new Map<string, string>(); // path to identity: a folder made anew under the same name is another one
  const isSettled = (directory: string): boolean => {
    const status = fileSystem.stat(directory);
    if (status === null) return false;
    if (settled.get(directory) === identityOf(status)) return true;
    const isOld = status.birthTimeMs > 0 && Date.now() - status.birthTimeMs > writtenBackMs;
    if (isOld) settled.set(directory, identityOf(status));
    return isOld;
  };
  const unsettledParents = (directory: string): readonly string[] => {
    const parents: string[] = [];
    for (let at = resolve(directory); at !== dirname(at) && !isSettled(at); at = dirname(at)) parents.push(dirname(at));
    return parents;
  };
  const settle = (directories: readonly string[]): void => {
    for (const directory of directories) {
      for (let at = resolve(directory); at !== dirname(at); at = dirname(at)) {
        const status = fileSystem.stat(at);
        if (status === null || settled.get(at) === identityOf(status)) break;
        settled.set(at, identityOf(status));
      }
    }
  };
  const make = async (directory: string): Promise<void> => {
    try {
      if (isSettled(directory)) return;
      const absolute = resolve(directory);
      makeMissing(fileSystem, absolute);
      for (const parent of unsettledParents(absolute)) await syncIfAllowed(fileSystem, parent);
      settle([absolute]);
    } catch (cause) {
      throw ioError("make directory", directory, cause);
    }
  };
  return { make, unsettledParents, settle };
}

// The kernel writes names back within half a minute; a folder older than this is on the disk, whoever made it.
const writtenBackMs = 5 * 60_000;

// Inode numbers are used again after a removal; with the time of birth they are not.
function identityOf({ inode, birthTimeMs }: FileStatus): string {
  return `${inode}:${birthTimeMs}`;
}

function makeMissing(fileSystem: FileSystem, directory: string): void {
  if (fileSystem.stat(directory)?.isDirectory === true) return;
  if (dirname(directory) !== directory) makeMissing(fileSystem, dirname(directory));
  try {
    fileSystem.mkdir(directory);
  } catch (cause) {
    const isThere = errnoOf(cause) === "EEXIST" && fileSystem.stat(directory)?.isDirectory === true;
    if (!isThere) throw cause;
  }
}

async function syncIfAllowed(fileSystem: FileSystem, directory: string): Promise<void> {
  try {
    await fileSystem.syncDirectory(directory);
  } catch (cause) {
    // A folder above the user's own may be closed to reading; whoever made it answers for it.
    if (errnoOf(cause) !== "EACCES" && errnoOf(cause) !== "EPERM") throw cause;
  }
}
