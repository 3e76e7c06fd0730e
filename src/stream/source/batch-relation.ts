// stream/source/batch-relation.ts: the files of a batch as rows: read through the scan's relation, or copied as they are.
import type { Engine } from "../../engine/base/engine.ts";
import type { AddFile } from "../../format/action/action.ts";
import { schemaOfRows } from "../../format/protocol/column-mapping.ts";
import { resolveDataPath } from "../../format/value/partition-path.ts";
import { nestedFields } from "../../format/schema/schema-type.ts";
import type { ChangeCommit } from "../../reader/change-commits.ts";
import { changeRelations } from "../../reader/change-data-feed.ts";
import { scanRelation } from "../../reader/scan-relation.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import type { Rows, SourceFile } from "../../writer/rows.ts";
import { withoutChangeColumns } from "./changed-files.ts";
import { emptyRelation } from "./empty-relation.ts";
import type { BatchFiles } from "../plan/source.ts";

/**
 * A SELECT of the batch's rows, with the columns of the source.
 * @throws AlluviumError as `scannedFiles`
 */
export async function batchRelation(engine: Engine, input: BatchFiles): Promise<string> {
  if (input.changes !== undefined) return changesRelation(engine, input, input.changes);
  return scanRelation(input, await scannedFiles(engine, input, input));
}

/**
 * The files themselves, where they hold these rows and no others, named and typed as they are; a relation elsewhere.
 * @throws AlluviumError as `batchRelation`
 */
export async function identityRows(engine: Engine, input: BatchFiles): Promise<Rows> {
  const schema = schemaOfRows(input.schema);
  const relation = await batchRelation(engine, input);
  if (!isPlain(input)) return { kind: "relation", schema, sql: relation };
  const files = input.files.map((file) => sourceFile(input.tablePath, file));
  return { kind: "files", schema, partitionColumns: input.partitionColumns, files, relation };
}

/**
 * Files with deleted rows, with names of their own or of an older, narrower type must be read, not copied; and those of a table that
 * tracks its rows: they may hold the ids of these, which are no rows of another table.
 */
function isPlain({ files, schema, changes, columnMapping = "none" }: BatchFiles): boolean {
  if (changes !== undefined) return false;
  if (columnMapping !== "none") return false;
  if (files.some((file) => file.deletionVector !== undefined || file.baseRowId !== undefined)) return false;
  return nestedFields(schema).every(({ field }) => field.metadata["delta.typeChanges"] === undefined);
}

async function changesRelation(engine: Engine, input: BatchFiles, changes: readonly ChangeCommit[]): Promise<string> {
  const table = { ...input, schema: withoutChangeColumns(input.schema) };
  const relations: string[] = [];
  for (const commit of changes) relations.push(...(await changeRelations(engine, table, commit)));
  return relations.length === 0 ? emptyRelation(input.schema) : relations.join(" UNION ALL ");
}

function sourceFile(tablePath: string, file: AddFile): SourceFile {
  return {
    path: resolveDataPath(tablePath, file.path),
    sizeBytes: file.sizeBytes,
    partitionValues: file.partitionValues,
    ...(file.stats === undefined ? {} : { stats: file.stats }),
  };
}
