// table/alter/remove-traces.ts: files written anew so that they need a feature no longer: without deletion vectors, under the columns' own
// names, in the columns' present types. Rows stay the same, and keep their ids.
import { mapFields } from "../../format/schema/map-fields.ts";
import type { AddFile, Metadata } from "../../format/action/action.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import { nestedFields } from "../../format/schema/schema-type.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { type TableHead, filesWhere, removeFileOf } from "../rows/file-changes.ts";
import { rewriteRows } from "../rows/rewrite-files.ts";
import { commitOnce } from "../rows/single-commit.ts";
import { filesOfOtherTypes } from "./widened-files.ts";

/** Writes files with deletion vectors anew, without the rows that these mark. @returns the version after */
export async function purgeVectors(head: TableHead): Promise<Snapshot> {
  const files = await filesWhere(head.snapshot, ({ deletionVector }) => deletionVector !== undefined);
  if (files.length === 0) return head.snapshot;
  return rewrite(head, { files, operation: "REORG", parameters: { applyPurge: true } });
}

/**
 * Writes all files under the columns' own names.
 * @throws AlluviumError `DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING`
 */
export async function removeMapping(head: TableHead): Promise<Snapshot> {
  const { metadata, schema, tablePath } = head.snapshot;
  const wrong = nestedFields(schema)
    .map(({ field }) => field.name)
    .filter((name) => /[ ,;{}()\n\t=]/.test(name));
  if (wrong.length > 0) {
    const names = wrong.map((name) => JSON.stringify(name)).join(", ");
    const message = `the columns ${names} of ${tablePath} have characters that only a table with column mapping allows ( ,;{}()\\n\\t=): rename them before the feature is dropped`;
    throw new AlluviumError("DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING", { columns: names }, message);
  }
  const configuration = new Map(metadata.configuration);
  for (const name of ["delta.columnMapping.mode", "delta.columnMapping.maxColumnId"]) configuration.delete(name);
  const plain = withoutSettings(metadata, schema, (name) => name.startsWith("delta.columnMapping."));
  const files = await filesWhere(head.snapshot, () => true);
  return rewrite(head, { files, operation: "REMOVE COLUMN MAPPING", metadata: { ...plain, configuration } });
}

/** Writes the files that hold columns in narrower types anew, in the present ones. */
export async function removeWidening(head: TableHead): Promise<Snapshot> {
  const { metadata, schema } = head.snapshot;
  const plain = withoutSettings(metadata, schema, (name) => name === "delta.typeChanges");
  const files = await filesOfOtherTypes(head, await filesWhere(head.snapshot, () => true));
  return rewrite(head, { files, operation: "REORG", parameters: { applyPurge: false }, metadata: plain });
}

interface Rewrite {
  readonly files: readonly AddFile[];
  readonly operation: string;
  readonly parameters?: Readonly<Record<string, boolean>>;
  /** Of the files that are written; the table's own when absent. */
  readonly metadata?: Metadata;
}

async function rewrite(head: TableHead, { files, operation, parameters = {}, metadata }: Rewrite): Promise<Snapshot> {
  const { engine, snapshot } = head;
  const written = await rewriteRows(engine, snapshot, {
    files,
    sql: (live) => live,
    rowOrigin: "kept",
    ...(metadata && { metadata }),
  });
  const nowMs = engine.clock.nowMs();
  const removes = files.map((file) => ({ ...removeFileOf(file, nowMs), dataChange: false }));
  const adds = written.adds.map((file) => ({ ...file, dataChange: false }));
  return commitOnce(head, { operation, parameters, actions: [...removes, ...adds], ...(metadata && { metadata }) });
}

/** The metadata without some settings of its columns, nested ones too. */
function withoutSettings(metadata: Metadata, schema: StructType, isGone: (name: string) => boolean): Metadata {
  const plain = mapFields(schema, (field) => ({
    ...field,
    metadata: Object.fromEntries(Object.entries(field.metadata).filter(([name]) => !isGone(name))),
  }));
  return { ...metadata, schemaString: formatSchema(plain) };
}
