// reader/file-columns.ts: what data files really hold, held together with what the schema says of them, before any row is read.
import type { Engine } from "../engine/base/engine.ts";
import type { ParquetNode } from "../engine/parquet/parquet-tree.ts";
import type { AddFile } from "../format/action/action.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { StructField } from "../format/schema/schema.ts";
import { resolveDataPath } from "../format/value/partition-path.ts";
import { unknownIn } from "./file-type.ts";
import type { Misfit } from "./file-type.ts";
import { readError } from "./read-error.ts";
import type { ScannedFile } from "./scanned-files.ts";
import type { ScannedTable } from "./scanned-table.ts";
import { needsFileColumns, storedColumn } from "./stored-column.ts";
import type { SeenInFile } from "./stored-column.ts";

/** Which files, and the fields that will be read of them. */
export interface FilesAndFields {
  readonly files: readonly ScannedFile[];
  readonly fields: readonly StructField[];
}

/**
 * Looks into the files; those whose columns the schema alone does not tell get theirs.
 * @throws AlluviumError `PARQUET_COLUMN_DATA_TYPE_MISMATCH` for a file with a column whose values cannot be read as the schema's type;
 *   `UNSUPPORTED_FEATURE` for one with a column of a kind that DuckDB does not read; `FILE_NOT_FOUND`, `CORRUPT_FILE`
 */
export async function withFileColumns(
  engine: Engine,
  table: ScannedTable,
  { files, fields }: FilesAndFields,
): Promise<readonly ScannedFile[]> {
  const paths = files.map((file) => resolveDataPath(table.tablePath, file.path));
  const mode = table.columnMapping ?? "none";
  let found: readonly (readonly ParquetNode[])[];
  try {
    found = await engine.parquet.columns(paths);
  } catch (cause) {
    throw await readError(engine, { table, files }, cause);
  }
  const judged = new Map<readonly ParquetNode[], boolean>();
  return files.map((file, index) => {
    const columns = found[index] ?? [];
    let isNeeded = judged.get(columns);
    if (isNeeded === undefined) {
      if (mode === "id" && columns.length > 0 && !columns.some(hasFieldId)) throw withoutIds(table, file);
      const unknown = unknownIn(columns);
      if (unknown !== null) throw unreadable(table, file, unknown);
      const seen: SeenInFile = { misfits: [], isUnlike: false };
      for (const field of fields) storedColumn(field, { mode, columns, seen });
      const [misfit] = seen.misfits;
      if (misfit !== undefined) throw typeMismatch(table, file, misfit);
      isNeeded = seen.isUnlike || fields.some((field) => needsFileColumns(mode, field));
      judged.set(columns, isNeeded);
    }
    return isNeeded ? { ...file, fileColumns: columns } : file;
  });
}

const hasFieldId = ({ fieldId, children }: ParquetNode): boolean => fieldId !== null || children.some(hasFieldId);

/** PROTOCOL.md: readers must refuse such a file, or give nulls; nulls would hide that rows are there. */
function withoutIds({ tablePath }: ScannedTable, { path }: AddFile): AlluviumError {
  const message = `the data file ${path} of ${tablePath} has no field ids, by which the columns of this table are found (delta.columnMapping.mode = id); write the file again with an engine that knows column mapping`;
  return new AlluviumError("CORRUPT_FILE", { table: tablePath, path }, message);
}

function unreadable({ tablePath }: ScannedTable, { path }: AddFile, column: string): AlluviumError {
  const message = `the data file ${path} of ${tablePath} has a column of a kind that is not read here, ${column}; write the file again without it`;
  return new AlluviumError("UNSUPPORTED_FEATURE", { table: tablePath, path, column }, message);
}

function typeMismatch({ tablePath }: ScannedTable, { path }: AddFile, misfit: Misfit): AlluviumError {
  const { path: column, found, expected } = misfit;
  const message = `the data file ${path} of ${tablePath} holds column ${column} as ${found}, the table's schema says ${expected}: its values would be changed by reading them so; write the file again with the schema's types, or change the schema`;
  return new AlluviumError(
    "PARQUET_COLUMN_DATA_TYPE_MISMATCH",
    { table: tablePath, path, column, found, expected },
    message,
  );
}
