// writer/partition-folder.ts: files that DuckDB put into partition folders of its own spelling go to those of Spark's. DuckDB
// escapes all but letters, digits and some punctuation; for most values the two agree.
import { dirname, join } from "node:path";
import { removeEmptyFolders } from "../engine/empty-folders.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionDirectory } from "../format/partition-path.ts";
import { dataFileName, duckdbCodec } from "./data-file-name.ts";
import { baseFolder } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** The files of one write. */
export interface FolderInput {
  readonly files: readonly NewFile[];
  readonly writeId: string;
}

/**
 * Moves the files that lie elsewhere, and tells where all of them are then.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function useSparkFolders(
  engine: Engine,
  target: WriteTarget,
  { files, writeId }: FolderInput,
): Promise<readonly NewFile[]> {
  const { tablePath, partitionColumns, properties } = target;
  if (partitionColumns.length === 0) return files;
  const codec = duckdbCodec(properties.parquetCompressionCodec);
  const left = new Set<string>();
  const moved: NewFile[] = [];
  for (const [index, file] of files.entries()) {
    const folder = join(baseFolder(target, writeId), partitionDirectory(partitionColumns, file.partitionValues));
    if (dirname(file.relativePath) === folder) {
      moved.push(file);
      continue;
    }
    // A name of its own: two of DuckDB's folders may be one of Spark's, and DuckDB numbers its files by folder.
    const relativePath = join(folder, dataFileName(writeId, index + 1, codec));
    await engine.files.makeDirectory(join(tablePath, folder));
    await engine.files.adopt(join(tablePath, file.relativePath), join(tablePath, relativePath));
    left.add(join(tablePath, dirname(file.relativePath)));
    moved.push({ ...file, relativePath });
  }
  await removeEmptyFolders(tablePath, left);
  return moved;
}
