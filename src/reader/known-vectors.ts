// reader/known-vectors.ts: deletion vectors that were decoded lately: their files never change, so whoever scans a table again need not decode
// them again. PROTOCOL.md, "Deletion Vectors".
import type { Engine, FileInfo } from "../engine/base/engine.ts";
import { isSameFile, isSettled } from "../engine/base/same-file.ts";
import type { DeletionVectorDescriptor } from "../format/action/action.ts";
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import { remembered } from "../format/text/remembered.ts";

/** The vectors that an engine has decoded. */
export const knownVectorsOf: (engine: Engine) => KnownVectors = remembered(
  (engine: Engine) => new KnownVectors(engine),
);

/** The vectors of one file. */
export interface KnownFile {
  /** Undefined where it was not decoded yet. */
  get(vector: DeletionVectorDescriptor): DeletedRows | undefined;
  keep(vector: DeletionVectorDescriptor, rows: DeletedRows): void;
}

interface Entry {
  readonly info: FileInfo;
  readonly vectors: Map<string, DeletedRows>;
  sizeBytes: number;
}

/** Decoded vectors by file, those used longest ago forgotten first. */
export class KnownVectors {
  readonly #engine: Engine;
  readonly #byPath = new Map<string, Entry>();
  #sizeBytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** What is known of a file as it is now, by size and time: nothing of one that was written another time, or just now. */
  async file(path: string): Promise<KnownFile> {
    const info = await this.#engine.files.stat(path);
    const before = this.#byPath.get(path);
    const isSame = isSameFile(before?.info, info);
    if (before !== undefined && !isSame) this.#forget(path, before);
    if (info === null || !isSettled(info, this.#engine.clock.nowMs())) return unknownFile;
    const entry =
      before !== undefined && isSame ? before : { info, vectors: new Map<string, DeletedRows>(), sizeBytes: 0 };
    this.#byPath.delete(path);
    this.#byPath.set(path, entry);
    return {
      get: (vector) => entry.vectors.get(keyOf(vector)),
      keep: (vector, rows) => {
        if (this.#byPath.get(path) !== entry) return;
        entry.vectors.set(keyOf(vector), rows);
        const sizeBytes = vector.sizeInBytes + entryBytes;
        entry.sizeBytes += sizeBytes;
        this.#sizeBytes += sizeBytes;
        this.#forgetOldest();
      },
    };
  }

  #forgetOldest(): void {
    for (const [path, entry] of this.#byPath) {
      if (this.#sizeBytes <= sizeBytesMax) return;
      this.#forget(path, entry);
    }
  }

  #forget(path: string, { sizeBytes }: Entry): void {
    this.#byPath.delete(path);
    this.#sizeBytes -= sizeBytes;
  }
}

/** Each says where its vector lies, how long it is and how many rows it holds: one that says otherwise is decoded, and refused. */
const keyOf = ({ offset, sizeInBytes, cardinality }: DeletionVectorDescriptor): string =>
  `${offset ?? 0} ${sizeInBytes} ${cardinality}`;

const unknownFile: KnownFile = { get: () => undefined, keep: () => undefined };

/** Decoded, a vector takes about what it takes in its file. */
const sizeBytesMax = 32 * 2 ** 20;
/** What a set takes beside its numbers. */
const entryBytes = 400;
