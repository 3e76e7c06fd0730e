// table/input/create-table.ts: a new, empty table. PROTOCOL.md, "Change Metadata" and "Protocol Evolution".
import type { Engine } from "../../engine/base/engine.ts";
import type { Action, Metadata, Protocol } from "../../format/action/action.ts";
import { checkComputedColumns } from "../../expression/predicate/check-computed-columns.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { JsonObject } from "../../format/text/json.ts";
import type { ProtocolRequest } from "../../format/property/validate-property.ts";
import { clusteringOf } from "./clustered-table.ts";
import { columnPath } from "../../format/schema/edit-schema.ts";
import { schemaOfRows } from "../../format/protocol/column-mapping.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import { withRowTrackingColumns } from "../../format/protocol/row-tracking.ts";
import { formatSchema } from "../../format/schema/schema-json.ts";
import { checkSchema } from "../../format/schema/schema-check.ts";
import { protocolForNewTable } from "../../format/protocol/protocol-upgrade.ts";
import { tableProperties, validateProperties } from "../../format/property/table-property.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { beginCreate } from "../../writer/transaction.ts";
import { type SchemaInput, toSchema } from "./schema-input.ts";

/** How a table is made. */
export interface CreateTableOptions {
  readonly schema: SchemaInput;
  /** Names of columns, in order of the folders; none by default. */
  readonly partitionBy?: readonly string[] | undefined;
  /** Columns, nested ones with dots, by which rows of like values lie together; not with `partitionBy`. Delta's CLUSTER BY. */
  readonly clusterBy?: readonly string[] | undefined;
  /** Table properties, such as `delta.appendOnly`; other keys are free. */
  readonly properties?: Readonly<Record<string, string>> | undefined;
  readonly comment?: string | undefined;
  /** For `describe`; Delta keeps it in the metadata. */
  readonly name?: string | undefined;
}

/**
 * Commits version 0 with protocol and metadata.
 * @throws AlluviumError `DELTA_TABLE_ALREADY_EXISTS`, or an error about schema, partition columns or properties
 */
export async function createTable(engine: Engine, tablePath: string, options: CreateTableOptions): Promise<Snapshot> {
  const { metadata, protocol, actions } = newTable(engine, options);
  const transaction = beginCreate(engine, tablePath);
  transaction.updateProtocol(protocol);
  transaction.updateMetadata(metadata);
  const result = await transaction.commit({
    operation: "CREATE TABLE",
    parameters: createParameters(metadata, options.clusterBy),
    actions,
    isBlindAppend: true,
  });
  if (result.status === "committed") return result.snapshot;
  throw new AlluviumError(
    "DELTA_TABLE_ALREADY_EXISTS",
    { table: tablePath },
    `${tablePath} is a table already; open it`,
  );
}

/** What the first commit of a table says of it. */
export interface NewTable {
  readonly metadata: Metadata;
  readonly protocol: Protocol;
  /** What the properties ask of the protocol. */
  readonly request: ProtocolRequest;
  /** What the first commit holds beside. */
  readonly actions: readonly Action[];
}

/**
 * The metadata and the protocol of a new table, everything checked.
 * @throws AlluviumError as `createTable`, before anything is written
 */
export function newTable(engine: Engine, options: CreateTableOptions): NewTable {
  // Ids, names and earlier types that another table's columns had say nothing of this one.
  const schema = schemaOfRows(toSchema(options.schema));
  const { configuration: given, protocol } = validateProperties(Object.entries(options.properties ?? {}));
  const configuration = withRowTrackingColumns(given, () => engine.random.uuid());
  const partitionColumns = checkSchema(schema, options.partitionBy ?? [], mapsColumns(configuration));
  const { checkConstraints } = tableProperties(configuration);
  checkComputedColumns({ schema, partitionColumns, checkConstraints });
  const wanted: Metadata = {
    kind: "metaData",
    id: engine.random.uuid(),
    ...(options.name === undefined ? {} : { name: options.name }),
    ...(options.comment === undefined ? {} : { description: options.comment }),
    format: { provider: "parquet", options: new Map() },
    schemaString: formatSchema(schema),
    partitionColumns,
    configuration,
    createdTimeMs: engine.clock.nowMs(),
  };
  const metadata = settleMetadata(wanted, null, () => newColumnName(engine));
  const clustered = (options.clusterBy ?? []).map(columnPath);
  const request = clustered.length === 0 ? protocol : { ...protocol, features: [...protocol.features, "clustering"] };
  const actions = clustered.length === 0 ? [] : [clusteringOf(metadata, clustered)];
  return { metadata, protocol: protocolForNewTable(metadata, request), request, actions };
}

/** A physical name for a column, as Spark makes them. */
export function newColumnName({ random }: Pick<Engine, "random">): string {
  return `col-${random.uuid()}`;
}

function mapsColumns(configuration: ReadonlyMap<string, string>): boolean {
  const isOn = (name: string): boolean => configuration.get(name)?.toLowerCase() === "true";
  const mode = configuration.get("delta.columnMapping.mode")?.toLowerCase() ?? "none";
  return mode !== "none" || isOn("delta.enableIcebergCompatV1") || isOn("delta.enableIcebergCompatV2");
}

/** As Spark writes them: every value is text. */
export function createParameters(metadata: Metadata, clusterBy: readonly string[] = []): JsonObject {
  return {
    partitionBy: JSON.stringify(metadata.partitionColumns),
    clusterBy: JSON.stringify(clusterBy),
    description: metadata.description ?? null,
    isManaged: "false",
    properties: JSON.stringify(Object.fromEntries(metadata.configuration)),
  };
}
