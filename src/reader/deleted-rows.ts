// reader/deleted-rows.ts: loads the deletion vectors of files. PROTOCOL.md, "Deletion Vectors".
import { forEachBounded } from "../engine/base/bounded.ts";
import type { Engine } from "../engine/base/engine.ts";
import type { AddFile, DeletionVectorDescriptor } from "../format/action/action.ts";
import { decodeDeletedRows, vectorOfFile, vectorPlace } from "../format/vector/deletion-vector.ts";
import type { DeletedRows, VectorPlace } from "../format/vector/deletion-vector.ts";
import { knownVectorsOf } from "./known-vectors.ts";
import { AlluviumError } from "../format/text/error.ts";

/** A file action, as far as its deletion vector goes. */
export type FileWithVector = Pick<AddFile, "path" | "deletionVector">;

/**
 * The deleted rows of each file that has any, by its index in `files`. A file that holds many vectors is read once.
 * @throws AlluviumError `FILE_NOT_FOUND` and `CORRUPT_FILE` naming the vector's file and the data file; `CORRUPT_LOG` for an
 *   inline vector or a descriptor that makes no sense
 */
export async function loadDeletedRows(
  engine: Engine,
  tablePath: string,
  files: readonly FileWithVector[],
): Promise<ReadonlyMap<number, DeletedRows>> {
  const found = new Map<number, DeletedRows>();
  const byFile = new Map<string, Wanted[]>();
  for (const [index, file] of files.entries()) {
    const vector = file.deletionVector;
    if (vector === undefined) continue;
    const place = vectorPlace(tablePath, vector);
    if (place.kind === "inline") {
      found.set(index, decodeDeletedRows(place.bytes, vector, { path: tablePath, kind: "inline" }));
      continue;
    }
    const wanted = byFile.get(place.path) ?? [];
    byFile.set(place.path, wanted);
    wanted.push({ index, file, vector, place });
  }
  const known = knownVectorsOf(engine);
  await forEachBounded([...byFile], filesAtOnceMax, async ([path, wanted]) => {
    const file = await known.file(path);
    let bytes: Uint8Array | null = null;
    for (const {
      index,
      file: { path: dataPath },
      vector,
      place,
    } of wanted) {
      let rows = file.get(vector);
      if (rows === undefined) {
        bytes ??= await readVectorFile(engine, { tablePath, path, dataPath });
        rows = decodeDeletedRows(vectorOfFile(bytes, place, vector), vector, place);
        file.keep(vector, rows);
      }
      found.set(index, rows);
    }
  });
  return found;
}

const filesAtOnceMax = 8;

interface Wanted {
  readonly index: number;
  readonly file: FileWithVector;
  readonly vector: DeletionVectorDescriptor;
  readonly place: Extract<VectorPlace, { readonly kind: "file" }>;
}

interface VectorFile {
  readonly tablePath: string;
  readonly path: string;
  /** Of a data file whose rows it deletes, as the log spells it. */
  readonly dataPath: string;
}

async function readVectorFile(engine: Engine, { tablePath, path, dataPath }: VectorFile): Promise<Uint8Array> {
  try {
    return await engine.files.read(path);
  } catch (cause) {
    if (!(cause instanceof AlluviumError) || cause.code !== "FILE_NOT_FOUND") throw cause;
    const message = `the deletion vector file ${path} of ${tablePath} is gone, so the rows of ${dataPath} that are left are not known: it was removed from outside, or vacuumed while an old version was read`;
    throw new AlluviumError("FILE_NOT_FOUND", { table: tablePath, path, dataFile: dataPath }, message, { cause });
  }
}
