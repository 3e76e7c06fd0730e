// writer/partition-folder.ts: partition folders of a COPY. DuckDB escapes all but letters, digits and some punctuation of a value, puts
// null and text like its name into one folder, and numbers files by folder, so that one would replace another. Values that this
// could touch are marked, which gives them folders that no other write has; their files are then moved to the folders Spark would use.
import { dirname, join } from "node:path";
import { removeEmptyFolders } from "../engine/files/empty-folders.ts";
import type { Engine } from "../engine/base/engine.ts";
import { sqlIdentifier, sqlLiteral } from "../engine/base/sql-quote.ts";
import type { PartitionValues } from "../format/action/action.ts";
import { defaultPartitionName, partitionDirectory } from "../format/value/partition-path.ts";
import { formatPartitionValue } from "../format/value/partition-value.ts";
import type { StructField } from "../format/schema/schema.ts";
import { parsePartitionText } from "./copy-result.ts";
import type { CopiedFile } from "./copy-result.ts";
import { dataFileName, duckdbCodec } from "./data-file-name.ts";
import { baseFolder, partitionFields } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** The value of a partition column as the COPY is to see it. Empty text and empty bytes read back as null: they are null here already. */
export function duckdbPartition({ name, type }: StructField, writeId: string): string {
  const column = sqlIdentifier(name);
  const mark = sqlLiteral(markOf(writeId));
  if (type.kind !== "primitive") return column;
  switch (type.name) {
    case "string": {
      const isPlain = `regexp_full_match(${column}, '[A-Za-z0-9_.~-]+') AND NOT starts_with(${column}, ${sqlLiteral(defaultPartitionName)})`;
      return `CASE WHEN ${isPlain} THEN ${column} WHEN ${column} = '' THEN NULL ELSE ${column} || ${mark} END`;
    }
    case "binary":
      return `nullif(hex(${column}), '') || ${mark}`;
    case "float":
    case "double":
    case "timestamp":
    case "timestamp_ntz":
      return `CAST(${column} AS VARCHAR) || ${mark}`;
    case "boolean":
    case "byte":
    case "short":
    case "integer":
    case "long":
    case "date":
    case "void":
    case "variant":
      return column;
  }
}

/** The name by which the COPY makes folders: the column's own, unless that is to stand in the files too. */
export function folderColumn({ keepsPartitionColumns }: WriteTarget, { name }: StructField): string {
  return keepsPartitionColumns === true ? `${name}\u0001` : name;
}

/** The partition of a file that such a COPY made. */
export function partitionValuesOf(target: WriteTarget, file: CopiedFile, writeId: string): PartitionValues {
  const mark = markOf(writeId);
  const values = partitionFields(target).map((field): [string, string | null] => {
    const found = file.partitionTexts.get(folderColumn(target, field)) ?? null;
    const text = found !== null && found.endsWith(mark) ? found.slice(0, -mark.length) : found;
    return [field.name, formatPartitionValue(parsePartitionText(text, field.type, field.name), field.type)];
  });
  return new Map(values);
}

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
  const settled: NewFile[] = [];
  const left = new Set<string>();
  for (const [index, file] of files.entries()) {
    const folder = join(baseFolder(target, writeId), partitionDirectory(partitionColumns, file.partitionValues));
    if (dirname(file.relativePath) === folder) {
      settled.push(file);
      continue;
    }
    // A name of its own: two of DuckDB's folders may be one of Spark's.
    const relativePath = join(folder, dataFileName(writeId, index + 1, codec));
    await engine.files.makeDirectory(join(tablePath, folder));
    await engine.files.adopt(join(tablePath, file.relativePath), join(tablePath, relativePath));
    left.add(dirname(file.relativePath));
    settled.push({ ...file, relativePath });
  }
  // Folders without the mark may be another write's, too, which is just about to fill them.
  const mark = markOf(writeId);
  for (const folder of left)
    if (folder.includes(mark))
      await removeEmptyFolders(join(tablePath, aboveMark(folder, mark)), [join(tablePath, folder)]);
  return settled;
}

function markOf(writeId: string): string {
  return `~${writeId.replaceAll("-", "").slice(0, 12)}`;
}

function aboveMark(folder: string, mark: string): string {
  const segments = folder.split("/");
  return segments
    .slice(
      0,
      segments.findIndex((segment) => segment.includes(mark)),
    )
    .join("/");
}
