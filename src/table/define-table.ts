// table/define-table.ts: CREATE [OR REPLACE] TABLE [AS SELECT] as one commit.
import type { Engine } from "../engine/engine.ts";
import { AlluviumError } from "../format/error.ts";
import { tableProperties } from "../format/table-property.ts";
import { loadSnapshot, tableExists } from "../log/load-snapshot.ts";
import type { Snapshot } from "../log/snapshot.ts";
import { writeDataFiles } from "../writer/data-file-writer.ts";
import type { Rows } from "../writer/rows.ts";
import { beginCreate, beginTransaction } from "../writer/transaction.ts";
import { writeMetrics } from "./append-rows.ts";
import { type CreateTableOptions, createParameters, newTable } from "./create-table.ts";
import { removeFileOf } from "./file-changes.ts";

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
  const metadata = before === null ? made.metadata : { ...made.metadata, id: before.metadata.id };
  const transaction = before === null ? beginCreate(engine, tablePath) : beginTransaction(engine, before);
  if (before === null) transaction.updateProtocol(made.protocol);
  else transaction.readWholeTable();
  transaction.updateMetadata(metadata);
  const { partitionColumns } = metadata;
  const properties = tableProperties(metadata.configuration);
  // DuckDB makes the folder of a table, but none above it.
  if (rows !== null) await engine.files.makeDirectory(tablePath);
  const written =
    rows === null
      ? null
      : await writeDataFiles(engine, { tablePath, schema: rows.schema, partitionColumns, properties }, rows);
  const removed = before === null ? [] : await allFiles(engine, before);
  const name = `CREATE ${replaces ? "OR REPLACE " : ""}TABLE${rows === null ? "" : " AS SELECT"}`;
  const result = await transaction.commit({
    operation: name,
    parameters: createParameters(metadata),
    ...(written === null ? {} : { metrics: writeMetrics(written) }),
    actions: [...removed, ...(written?.adds ?? [])],
    isBlindAppend: before === null,
  });
  if (result.status === "committed") return result.snapshot;
  throw new AlluviumError(
    "DELTA_TABLE_ALREADY_EXISTS",
    { table: tablePath },
    `${tablePath} is a table already; open it`,
  );
}

async function allFiles(engine: Engine, snapshot: Snapshot): Promise<readonly ReturnType<typeof removeFileOf>[]> {
  const nowMs = engine.clock.nowMs();
  const removed: ReturnType<typeof removeFileOf>[] = [];
  for await (const chunk of snapshot.files.chunks()) removed.push(...chunk.map((file) => removeFileOf(file, nowMs)));
  return removed;
}
