// table/whole/define-table.ts: CREATE [OR REPLACE] TABLE [AS SELECT] as one commit.
import type { Engine } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { Action, Metadata } from "../../format/action/action.ts";
import { clusteringAction, clusteringDomain } from "../../format/protocol/clustering.ts";
import { upgradedProtocol } from "../../format/protocol/protocol-upgrade.ts";
import { writeTargetOf } from "../../writer/write-target.ts";
import { loadSnapshot, tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { writeDataFiles } from "../../writer/data-file-writer.ts";
import type { Rows } from "../../writer/rows.ts";
import { beginCreate, beginTransaction } from "../../writer/transaction.ts";
import { writeMetrics } from "../rows/append-rows.ts";
import { type CreateTableOptions, createParameters, newTable } from "../input/create-table.ts";
import { removesOf } from "../rows/file-changes.ts";

/** A table as a statement defines it. */
export interface TableDefinition {
  readonly options: CreateTableOptions;
  /** Null for an empty table. */
  readonly rows: Rows | null;
  /** What is there goes; otherwise a table that exists is an error. */
  readonly replaces: boolean;
}

/**
 * Makes the table, or replaces it: schema, partitioning, properties and rows in one commit; its history goes on.
 * @throws AlluviumError `DELTA_TABLE_ALREADY_EXISTS`, and errors about schema, properties and rows
 */
export async function defineTable(engine: Engine, tablePath: string, definition: TableDefinition): Promise<Snapshot> {
  const before =
    definition.replaces && (await tableExists(engine, tablePath)) ? await loadSnapshot(engine, tablePath) : null;
  const { options, rows, replaces } = definition;
  const made = newTable(engine, options);
  const metadata = before === null ? made.metadata : replacingMetadata(made.metadata, before);
  const protocol = before === null ? made.protocol : upgradedProtocol(before.protocol, metadata, made.request);
  const transaction = before === null ? beginCreate(engine, tablePath) : beginTransaction(engine, before);
  if (protocol !== before?.protocol) transaction.updateProtocol(protocol);
  if (before !== null) transaction.readWholeTable();
  transaction.updateMetadata(metadata);
  // DuckDB makes the folder of a table, but none above it.
  if (rows !== null) await engine.files.makeDirectory(tablePath);
  const written =
    rows === null ? null : await writeDataFiles(engine, writeTargetOf(tablePath, protocol, metadata), rows);
  const removed = before === null ? [] : await removesOf(engine, before);
  const name = `CREATE ${replaces ? "OR REPLACE " : ""}TABLE${rows === null ? "" : " AS SELECT"}`;
  const result = await transaction.commit({
    operation: name,
    parameters: createParameters(metadata, options.clusterBy),
    metrics: written === null ? undefined : writeMetrics(written),
    actions: [...removed, ...(written?.adds ?? []), ...made.actions, ...unclustered(before, made.actions)],
    isBlindAppend: before === null,
  });
  if (result.status === "committed") return result.snapshot;
  throw new AlluviumError(
    "DELTA_TABLE_ALREADY_EXISTS",
    { table: tablePath },
    `${tablePath} is a table already; open it`,
  );
}

/** The id stays, and numbers of columns are not given twice. */
function replacingMetadata(metadata: Metadata, { metadata: { id, configuration } }: Snapshot): Metadata {
  const name = "delta.columnMapping.maxColumnId";
  const [ours, theirs] = [metadata.configuration.get(name), configuration.get(name)];
  if (ours === undefined || theirs === undefined || Number(theirs) <= Number(ours)) return { ...metadata, id };
  return { ...metadata, id, configuration: new Map(metadata.configuration).set(name, theirs) };
}

/** A table that is replaced by one without clustering is clustered no more. */
function unclustered(before: Snapshot | null, actions: readonly Action[]): readonly Action[] {
  const isClustered = before?.domains.has(clusteringDomain) === true;
  return !isClustered || actions.length > 0 ? [] : [clusteringAction({ kind: "struct", fields: [] }, [])];
}
