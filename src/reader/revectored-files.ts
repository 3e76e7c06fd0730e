// reader/revectored-files.ts: which rows a commit took out of files, or put back into them, by giving them other deletion vectors.
// PROTOCOL.md, "Deletion Vectors"; the protocol leaves it to readers that such rows, and not the whole file, are the change.
import type { Engine } from "../engine/base/engine.ts";
import type { AddFile } from "../format/action/action.ts";
import type { DeletedRows } from "../format/vector/deletion-vector.ts";
import { RoaringSet, difference } from "../format/vector/roaring-set.ts";
import { loadDeletedRows } from "./deleted-rows.ts";
import type { FileWithVector } from "./deleted-rows.ts";
import type { RevectoredFile } from "./plan-changes.ts";

/** The rows that are gone, and those that are back. */
export interface RevectoredRows {
  readonly deleted: readonly ChosenRows[];
  readonly restored: readonly ChosenRows[];
}

/** Some rows of a data file, whatever its deletion vector says. */
export interface ChosenRows {
  readonly file: AddFile;
  readonly onlyRows: DeletedRows;
}

/**
 * Compares the vectors before and after.
 * @throws AlluviumError `FILE_NOT_FOUND`, `CORRUPT_FILE` and `CORRUPT_LOG` for vectors that cannot be read
 */
export async function revectoredRows(
  engine: Engine,
  tablePath: string,
  files: readonly RevectoredFile[],
): Promise<RevectoredRows> {
  const vectors = (pick: (file: RevectoredFile) => FileWithVector): Promise<Vectors> =>
    loadDeletedRows(engine, tablePath, files.map(pick));
  const before = await vectors((file) => file.before);
  const after = await vectors((file) => file.after);
  const rowsOnlyIn = (left: Vectors, right: Vectors): readonly ChosenRows[] =>
    files
      .map(({ after }, index) => ({
        file: after,
        onlyRows: difference(left.get(index) ?? none, right.get(index) ?? none),
      }))
      .filter(({ onlyRows }) => onlyRows.cardinality > 0);
  return { deleted: rowsOnlyIn(after, before), restored: rowsOnlyIn(before, after) };
}

type Vectors = ReadonlyMap<number, DeletedRows>;

const none = new RoaringSet([]);
