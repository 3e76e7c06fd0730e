// reader/scanned-files.ts: data files made ready for the scan's relation: what has to be looked up on disk before.
import { forEachBounded } from "../engine/bounded.ts";
import type { Engine } from "../engine/engine.ts";
import type { AddFile } from "../format/action.ts";
import { resolveDataPath } from "../format/partition-path.ts";
import type { DataType } from "../format/schema.ts";
import type { ScannedTable } from "./scan-relation.ts";

/** A data file that is ready to be scanned. */
export interface ScannedFile extends AddFile {
  /** Absolute path of what is read in its place: the same rows, variants as plain structs. */
  readonly localPath?: string;
}

/** Which files, and the columns that will be read of them; all when absent. */
export interface FilesToScan {
  readonly files: readonly AddFile[];
  readonly columns?: readonly string[];
}

/**
 * Makes files ready, in the same order.
 * @throws AlluviumError `CORRUPT_LOG` for a path that leads out of the table; `UNSUPPORTED_FEATURE` for variants shredded
 *   inside of lists or maps
 */
export async function scannedFiles(
  engine: Engine,
  { tablePath, schema }: ScannedTable,
  { files, columns }: FilesToScan,
): Promise<readonly ScannedFile[]> {
  const isWanted = (name: string): boolean => columns === undefined || columns.includes(name);
  if (!schema.fields.some((field) => isWanted(field.name) && holdsVariant(field.type))) return files;
  const ready: ScannedFile[] = [...files];
  await forEachBounded([...files.entries()], filesAtOnce, async ([index, file]) => {
    ready[index] = { ...file, localPath: await engine.variants.plain(resolveDataPath(tablePath, file.path)) };
  });
  return ready;
}

const filesAtOnce = 8;

function holdsVariant(type: DataType): boolean {
  switch (type.kind) {
    case "primitive":
      return type.name === "variant";
    case "decimal":
      return false;
    case "array":
      return holdsVariant(type.elementType);
    case "map":
      return holdsVariant(type.keyType) || holdsVariant(type.valueType);
    case "struct":
      return type.fields.some((field) => holdsVariant(field.type));
  }
}
