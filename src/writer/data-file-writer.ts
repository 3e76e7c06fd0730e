// writer/data-file-writer.ts: rows to data files that a commit can name. PROTOCOL.md, "Data Files".
import { queryBatches } from "../engine/duckdb/query-batches.ts";
import { join } from "node:path";
import type { Engine } from "../engine/base/engine.ts";
import type { AddFile, Metadata } from "../format/action/action.ts";
import { withHighWaterMarks } from "../format/schema/computed-column.ts";
import { encodeLogPath, resolveDataPath } from "../format/value/partition-path.ts";
import { formatSchema, parseSchema } from "../format/schema/schema-json.ts";
import { holdsType } from "../format/schema/schema-type.ts";
import { once } from "../log/state/once.ts";
import type { FieldConversion } from "./conversion.ts";
import { checkConstraints } from "./check-constraints.ts";
import { canCopy, copyFiles } from "./copy-files.ts";
import { fillColumns, highWaterMarks } from "./fill-columns.ts";
import type { FilledRows } from "./fill-columns.ts";
import { storedColumns, storedTarget } from "./stored-target.ts";
import { projectRelation } from "./project-relation.ts";
import type { Rows, WrittenFiles } from "./rows.ts";
import { writeArrow } from "./write-arrow.ts";
import { writeRelation } from "./write-relation.ts";
import { planWriteSchema } from "./write-schema.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

export type { WriteTarget } from "./write-target.ts";

/**
 * Writes rows as data files of a table. The rows' columns are matched with the target's as `planWriteSchema` says; whether the target's
 * schema may grow is decided before. When it returns, the files and their folders survive a power cut; no row gives no file. When it
 * fails, no file is left.
 * @see beginDataFiles
 * @param target with the schema that the table has after the commit
 * @throws AlluviumError of the rows, of `planWriteSchema`, `CAST_INVALID_INPUT`, `DELTA_NOT_NULL_CONSTRAINT_VIOLATED`,
 *   `DELTA_VIOLATE_CONSTRAINT_WITH_VALUES`, `DISK_FULL`, `IO_ERROR`
 */
export async function writeDataFiles(engine: Engine, target: WriteTarget, rows: Rows): Promise<WrittenFiles> {
  const written = await beginDataFiles(engine, target, rows);
  await written.settle();
  return written;
}

/** Files that are written and not durable yet: the commit that names them sees to it. */
export interface BegunFiles extends WrittenFiles {
  /** Makes the files and their folders durable, once for all who ask; when that fails it rejects, and no file is left. */
  settle(this: void): Promise<void>;
}

/**
 * Writes rows as `writeDataFiles` does, and leaves the syncing to the commit, which syncs its log entry at the same time.
 * `settle` must be given to it.
 * @throws AlluviumError as `writeDataFiles`
 */
export async function beginDataFiles(engine: Engine, target: WriteTarget, rows: Rows): Promise<BegunFiles> {
  const writeId = engine.random.uuid();
  const files: NewFile[] = [];
  let identities: FilledRows["identities"] = new Map();
  try {
    if (target.rowOrigin === "kept") await writeRows(engine, target, { rows, writeId, files });
    else {
      await using filled = await fillColumns(engine, target, rows);
      identities = filled.identities;
      await writeRows(engine, target, { rows: filled.rows, writeId, files });
      await checkConstraints(engine, target, { files, computed: filled.computed });
    }
  } catch (cause) {
    await discard(engine, target, { writeId, files });
    throw cause;
  }
  const modificationTimeMs = engine.clock.nowMs();
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
  return {
    settle: once(() => syncOrDiscard(engine, target, { writeId, files })),
    adds: files.map((file) => addOf(file, modificationTimeMs)),
    rowCount,
    highWaterMarks: highWaterMarks(identities, rowCount),
    sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}

/** The table's metadata when identity columns have given values to the files; null where it stays as it is. */
export function metadataAfter(metadata: Metadata, { highWaterMarks: marks }: WrittenFiles): Metadata | null {
  if (marks === undefined || marks.size === 0) return null;
  return { ...metadata, schemaString: formatSchema(withHighWaterMarks(parseSchema(metadata.schemaString), marks)) };
}

async function syncOrDiscard(
  engine: Engine,
  target: WriteTarget,
  { writeId, files }: Omit<Write, "rows">,
): Promise<void> {
  if (files.length === 0) return;
  try {
    await engine.files.sync(files.map((file) => join(target.tablePath, file.relativePath)));
  } catch (cause) {
    await discard(engine, target, { writeId, files });
    throw cause;
  }
}

interface Write {
  readonly rows: Rows;
  readonly writeId: string;
  /** Filled as files come to lie on disk. */
  readonly files: NewFile[];
}

async function writeRows(engine: Engine, target: WriteTarget, { rows, writeId, files }: Write): Promise<void> {
  const onFile = (file: NewFile): void => void files.push(file);
  const plan = planWriteSchema({
    tableSchema: target.schema,
    partitionColumns: target.partitionColumns,
    dataSchema: rows.schema,
  });
  const stored = storedTarget(target);
  const columns = storedColumns(target, plan.columns);
  if (rows.kind === "arrow") return writeArrow(engine, stored, { batches: rows.batches, columns, writeId, onFile });
  const holdsVariants = holdsType(target.schema, "variant");
  if (rows.kind === "files" && !holdsVariants && canCopy(rows, target))
    return copyFiles(engine, target, { files: rows.files, writeId, onFile });
  const sql = projectRelation(rows.kind === "files" ? rows.relation : rows.sql, rows.schema, columns);
  if (!holdsVariants) {
    files.push(...(await writeRelation(engine, stored, { sql, writeId })));
    return;
  }
  // The two binaries of a variant must be marked as never null in the file, which DuckDB does not do.
  const same = stored.schema.fields.map((field, index): FieldConversion => {
    return { target: field, source: { index, field }, conversion: { kind: "same" } };
  });
  await writeArrow(engine, stored, {
    batches: queryBatches(engine, { sql, schema: stored.schema }),
    columns: same,
    writeId,
    onFile,
  });
}

function addOf(file: NewFile, modificationTimeMs: number): AddFile {
  return {
    kind: "add",
    path: encodeLogPath(file.relativePath),
    partitionValues: file.partitionValues,
    sizeBytes: file.sizeBytes,
    modificationTimeMs,
    dataChange: true,
    stats: file.stats,
  };
}

/**
 * Removes what a failed write left. DuckDB does not tell the names of files that it began: they are found by the write's id in
 * the folders of the table.
 */
async function discard(
  engine: Engine,
  target: WriteTarget,
  { writeId, files }: Pick<Write, "writeId" | "files">,
): Promise<void> {
  const known = files.map((file) => join(target.tablePath, file.relativePath));
  const depth = target.partitionColumns.length + (target.properties.randomizeFilePrefixes ? 1 : 0);
  const directory = join(target.tablePath, target.folder ?? "");
  const found = await findFiles(engine, { directory, writeId, depth }).catch(() => []);
  // The failure that is being told matters more than a file that cannot be removed: no commit names it, and vacuum takes it.
  for (const path of new Set([...known, ...found])) await engine.files.remove(path).catch(() => undefined);
}

interface Search {
  readonly directory: string;
  readonly writeId: string;
  /** Of folders below. */
  readonly depth: number;
}

async function findFiles(engine: Engine, { directory, writeId, depth }: Search): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await engine.files.list(directory)) {
    const isPartition =
      entry.isDirectory && depth > 0 && !entry.name.startsWith("_delta_log") && !entry.name.startsWith(".");
    if (isPartition) found.push(...(await findFiles(engine, { directory: entry.path, writeId, depth: depth - 1 })));
    else if (!entry.isDirectory && entry.name.includes(writeId)) found.push(entry.path);
  }
  return found;
}

/**
 * Removes files that were written and will not be committed. Failures are passed over: no commit names the files, and
 * vacuum takes them.
 */
export async function discardWritten(engine: Engine, tablePath: string, written: WrittenFiles): Promise<void> {
  for (const add of written.adds)
    await engine.files.remove(resolveDataPath(tablePath, add.path)).catch(() => undefined);
}
