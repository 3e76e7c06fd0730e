// test/engine/crash-file-system.ts: a real folder on which the process can die at any operation, and the power can fail.
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import type { FileSystem } from "../../src/engine/files/file-system.ts";
import { nodeFileSystem } from "../../src/engine/files/file-system.ts";
import { seededRandom } from "./seeded-random.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Thrown by the operation at which the process dies, and by every one after it. */
export class SimulatedCrash extends Error {
  constructor(operation: string) {
    super(`simulated crash at: ${operation}`);
    this.name = "SimulatedCrash";
  }
}

/** Where to die. */
export interface CrashOptions {
  /** The folder that is watched; paths outside of it go to the disk as they are, and are not numbered. */
  readonly root: string;
  /** Number of the operation, from 1 on, that does not happen any more; never when absent. */
  readonly crashAt?: number;
  /** Decides whether the last operation is torn, and what a power cut takes. */
  readonly seed?: number;
}

/** A file system that dies. Only operations that change the disk are numbered; syncs are among them. */
export class CrashFileSystem implements FileSystem {
  readonly #root: string;
  readonly #crashAt: number;
  readonly #random: SeededRandom;
  readonly #disk: FileSystem = nodeFileSystem();
  readonly #operations: string[] = [];
  /** What a power cut leaves of each folder: names to the identities of what they named at the last sync. */
  readonly #durableNames = new Map<string, ReadonlyMap<string, string>>();
  /** Identity to the version (time and size) of its content that is durable. */
  readonly #durableContents = new Map<string, string>();
  /** Durable contents whose name is gone, to bring them back. */
  readonly #lost = new Map<string, Uint8Array>();
  #hasCrashed = false;

  constructor(options: CrashOptions) {
    this.#root = resolve(options.root);
    this.#crashAt = options.crashAt ?? Number.POSITIVE_INFINITY;
    this.#random = seededRandom(options.seed ?? 1);
    this.#takeAsDurable(this.#root);
  }

  /** The operations so far as text, ids replaced, paths from the root on: a golden of what a piece of code does. */
  get operations(): readonly string[] {
    return this.#operations;
  }

  get hasCrashed(): boolean {
    return this.#hasCrashed;
  }

  /** Throws once the process is dead; for doubles of other doors. */
  assertAlive(operation: string): void {
    if (this.#hasCrashed) throw new SimulatedCrash(operation);
  }

  /** Numbers an operation of another door (a Parquet write, a COPY); `tear` leaves it half done. */
  async perform<T>(operation: string, work: () => Promise<T>, tear?: () => Promise<void>): Promise<T> {
    if (this.#number(operation)) {
      if (tear !== undefined && this.#random.below(2) === 1) await tear();
      throw new SimulatedCrash(operation);
    }
    return work();
  }

  readFile(path: string): Uint8Array {
    this.assertAlive("readFile");
    return this.#disk.readFile(path);
  }

  readdir(path: string): ReturnType<FileSystem["readdir"]> {
    this.assertAlive("readdir");
    return this.#disk.readdir(path);
  }

  stat(path: string): ReturnType<FileSystem["stat"]> {
    this.assertAlive("stat");
    return this.#disk.stat(path);
  }

  createFile(path: string, bytes: Uint8Array): void {
    this.#change(
      ["createFile", path],
      () => this.#disk.createFile(path, bytes),
      () => {
        this.#disk.createFile(path, bytes.subarray(0, this.#random.below(bytes.length + 1)));
      },
    );
  }

  async syncFile(path: string): Promise<void> {
    this.#change(["syncFile", path], () => undefined);
    await this.#disk.syncFile(path);
    if (this.#isInside(path)) this.#durableContents.set(identityOf(path), versionOf(path));
  }

  async syncDirectory(path: string): Promise<void> {
    this.#change(["syncDirectory", path], () => undefined);
    await this.#disk.syncDirectory(path);
    if (this.#isInside(path)) this.#durableNames.set(resolve(path), namesIn(path));
  }

  link(from: string, to: string): void {
    this.#change(["link", from, to], () => this.#disk.link(from, to));
  }

  rename(from: string, to: string): void {
    this.#change(["rename", from, to], () => {
      this.#keep(to);
      this.#disk.rename(from, to);
    });
  }

  unlink(path: string): void {
    this.#change(["unlink", path], () => {
      this.#keep(path);
      this.#disk.unlink(path);
    });
  }

  mkdir(path: string): void {
    this.#change(["mkdir", path], () => this.#disk.mkdir(path));
  }

  async copyFile(from: string, to: string): Promise<void> {
    this.#change(
      ["copyFile", from, to],
      () => undefined,
      () => {
        const bytes = readFileSync(from);
        writeFileSync(to, bytes.subarray(0, this.#random.below(bytes.length + 1)), { flag: "wx" });
      },
    );
    await this.#disk.copyFile(from, to);
  }

  /**
   * The power fails: each name that was not synced keeps its old or its new meaning as the seed decides, and each content that was
   * not synced is whole, cut short or empty. Afterwards the folder is what the next process finds; this object is dead.
   */
  powerCut(seed: number): void {
    this.#hasCrashed = true;
    this.#cutFolder(this.#root, seededRandom(seed));
  }

  /** Numbers and does an operation, given its name and its paths. */
  #change([name, ...paths]: readonly [string, ...string[]], work: () => void, tear?: () => void): void {
    if (!paths.some((path) => this.#isInside(path))) return work();
    const operation = [name, ...paths.map((path) => this.#shown(path))].join(" ");
    if (this.#number(operation)) {
      if (tear !== undefined && this.#random.below(2) === 1) tear();
      throw new SimulatedCrash(operation);
    }
    work();
  }

  /** Notes the operation; true when the process dies at it. */
  #number(operation: string): boolean {
    this.assertAlive(operation);
    this.#operations.push(operation);
    this.#hasCrashed = this.#operations.length >= this.#crashAt;
    return this.#hasCrashed;
  }

  #isInside(path: string): boolean {
    return resolve(path) === this.#root || resolve(path).startsWith(`${this.#root}/`);
  }

  #shown(path: string): string {
    return (
      relative(this.#root, resolve(path)).replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>") || "."
    );
  }

  #takeAsDurable(folder: string): void {
    this.#durableNames.set(folder, namesIn(folder));
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) this.#takeAsDurable(path);
      else this.#durableContents.set(identityOf(path), versionOf(path));
    }
  }

  /** Before a name is lost: its content comes back if the loss was not synced. */
  #keep(path: string): void {
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return;
    const identity = identityOf(path);
    const isDurable = this.#durableNames.get(dirname(resolve(path)))?.get(nameOf(path)) === identity;
    if (isDurable) this.#lost.set(identity, readFileSync(path));
  }

  #cutFolder(folder: string, random: SeededRandom): void {
    const durable = this.#durableNames.get(folder) ?? new Map<string, string>();
    const actual = namesIn(folder);
    for (const name of [...new Set([...durable.keys(), ...actual.keys()])].sort()) {
      const path = join(folder, name);
      const isSettled = durable.get(name) === actual.get(name);
      if (!isSettled && random.below(2) === 0) this.#restore(path, durable.get(name));
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) continue;
      if (lstatSync(path).isDirectory()) this.#cutFolder(path, random);
      else this.#cutFile(path, random);
    }
  }

  #restore(path: string, identity: string | undefined): void {
    const bytes = identity === undefined ? undefined : this.#lost.get(identity);
    if (identity !== undefined && bytes === undefined) return; // a durable folder: folders are not removed here
    rmSync(path, { recursive: true, force: true });
    if (bytes === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
    this.#durableContents.set(identityOf(path), versionOf(path));
  }

  #cutFile(path: string, random: SeededRandom): void {
    if (this.#durableContents.get(identityOf(path)) === versionOf(path)) return;
    const { size } = lstatSync(path);
    const fate = random.below(3);
    if (fate === 1) truncateSync(path, random.below(size + 1));
    if (fate === 2) truncateSync(path, 0);
  }
}

function namesIn(folder: string): ReadonlyMap<string, string> {
  return new Map(readdirSync(folder).map((name) => [name, identityOf(join(folder, name))]));
}

// Inode numbers are used again; with the time of birth they are not.
function identityOf(path: string): string {
  const { ino, birthtimeNs } = lstatSync(path, { bigint: true });
  return `${ino}:${birthtimeNs}`;
}

function versionOf(path: string): string {
  const { size, mtimeNs } = lstatSync(path, { bigint: true });
  return `${size}:${mtimeNs}`;
}

function nameOf(path: string): string {
  return resolve(path).slice(dirname(resolve(path)).length + 1);
}
