// stream/checkpoint/metadata-log.ts: a folder of numbered files, one a batch: what the offset log and the commit log share.
// Spark's `HDFSMetadataLog`; docs/STREAMING.md, "The micro-batch protocol".
import { join } from "node:path";
import { AlluviumError } from "../../format/text/error.ts";
import type { FileStore } from "../../engine/base/engine.ts";

/** How the entries of one log are spelled, below the version line. */
export interface LogCodec<Entry> {
  /** For messages, e.g. `offset log`. */
  readonly name: string;
  format(entry: Entry): readonly string[];
  /** @param path of the file, for messages */
  parse(lines: readonly string[], path: string): Entry;
}

/** Files `0`, `1`, …; an entry once written is never changed. Other names (checksums, staged files) are passed over. */
export class MetadataLog<Entry> {
  readonly directory: string;
  readonly #files: FileStore;
  readonly #codec: LogCodec<Entry>;
  #ids: number[];
  /** Ids that have a checksum file of Hadoop's beside them, or had one before they were removed. */
  readonly #checksums: Set<number>;

  private constructor(files: FileStore, directory: string, codec: LogCodec<Entry>) {
    this.#files = files;
    this.directory = directory;
    this.#codec = codec;
    this.#ids = [];
    this.#checksums = new Set();
  }

  /** Lists the folder; one that does not exist is an empty log. */
  static async open<Entry>(files: FileStore, directory: string, codec: LogCodec<Entry>): Promise<MetadataLog<Entry>> {
    const log = new MetadataLog<Entry>(files, directory, codec);
    for (const { name, isDirectory } of await files.list(directory)) {
      const id = batchIdOf(name);
      const checksumOf = batchIdOf(/^\.(\d+)\.crc$/u.exec(name)?.[1] ?? "");
      if (id !== null && !isDirectory) log.#ids.push(id);
      if (checksumOf !== null) log.#checksums.add(checksumOf);
    }
    log.#ids.sort((a, b) => a - b);
    return log;
  }

  /** Ids that were listed or added and not purged, ascending. */
  get ids(): readonly number[] {
    return this.#ids;
  }

  /** The highest id, null for an empty log. */
  get latestId(): number | null {
    return this.#ids.at(-1) ?? null;
  }

  /**
   * One entry, null when it is not there.
   * @throws AlluviumError `STREAMING_CHECKPOINT_CORRUPT`, `INVALID_LOG_VERSION`, `MALFORMED_LOG_FILE` naming the file
   */
  async read(id: number): Promise<Entry | null> {
    if (!this.#ids.includes(id)) return null;
    const path = this.pathOf(id);
    const text = new TextDecoder().decode(await this.#files.read(path));
    return this.#codec.parse(readVersionLine(text, path), path);
  }

  /**
   * Writes an entry, durably.
   * @throws AlluviumError `CONCURRENT_STREAM_LOG_UPDATE` when there is one of this id already
   */
  async add(id: number, entry: Entry): Promise<void> {
    // A checksum of an older file of this name would make Spark refuse ours.
    if (this.#checksums.has(id)) await this.#removeChecksum(id);
    const text = [logVersion, ...this.#codec.format(entry)].join("\n");
    const outcome = await this.#files.putIfAbsent(this.pathOf(id), new TextEncoder().encode(text));
    if (outcome === "exists") {
      const message = `${this.pathOf(id)} is there already: another process runs a query from this checkpoint, or files of the checkpoint were removed by hand; only one query may use a checkpoint at a time`;
      throw new AlluviumError("CONCURRENT_STREAM_LOG_UPDATE", { path: this.pathOf(id), batchId: id }, message);
    }
    this.#ids.push(id);
  }

  /** Writes an entry, durably, in place of one that may be there. */
  async replace(id: number, entry: Entry): Promise<void> {
    const text = [logVersion, ...this.#codec.format(entry)].join("\n");
    await this.#files.put(this.pathOf(id), new TextEncoder().encode(text));
    if (!this.#ids.includes(id)) this.#ids.push(id);
  }

  /** Removes the entries whose id is below `id`. */
  async purgeBefore(id: number): Promise<void> {
    const old = this.#ids.filter((known) => known < id);
    if (old.length === 0) return;
    for (const known of old) {
      await this.#files.remove(this.pathOf(known));
      if (this.#checksums.has(known)) await this.#removeChecksum(known);
    }
    this.#ids = this.#ids.filter((known) => known >= id);
  }

  /** Absolute path of an entry's file. */
  pathOf(id: number): string {
    return join(this.directory, String(id));
  }

  async #removeChecksum(id: number): Promise<void> {
    await this.#files.remove(join(this.directory, `.${id}.crc`));
    this.#checksums.delete(id);
  }
}

const logVersion = "v1";

function batchIdOf(name: string): number | null {
  if (!/^\d+$/u.test(name)) return null;
  const id = Number(name);
  return Number.isSafeInteger(id) ? id : null;
}

/** The lines below the version line; a newline at the end is tolerated, as Spark does. */
function readVersionLine(text: string, path: string): readonly string[] {
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  if (lines.at(-1) === "") lines.pop();
  const [first, ...rest] = lines;
  if (first === undefined) throw incompleteLogFile(path, "the file is empty");
  const found = /^v(\d+)$/u.exec(first)?.[1];
  if (found === undefined || Number(found) === 0) {
    const message = `log file ${path} is malformed: its first line should be a version such as v1, but it is ${JSON.stringify(first.slice(0, 100))}`;
    throw new AlluviumError("MALFORMED_LOG_FILE", { path, found: first.slice(0, 100) }, message);
  }
  if (found !== "1") {
    const message = `log file ${path} has version v${found}, but the highest supported version is v1; it was written by a newer engine or with another log format`;
    throw new AlluviumError("INVALID_LOG_VERSION", { path, found: `v${found}`, supported: logVersion }, message);
  }
  return rest;
}

/** An entry that was cut short or cannot be read. */
export function incompleteLogFile(path: string, what: string, cause?: unknown): AlluviumError {
  const message = `incomplete log file ${path}: ${what}; restore it, or remove it together with every later file of the checkpoint's logs`;
  return new AlluviumError("STREAMING_CHECKPOINT_CORRUPT", { path }, message, cause === undefined ? {} : { cause });
}
