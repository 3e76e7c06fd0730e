// table/alter/alter-table.ts: changes of a table that leave its rows alone: one commit of metadata, and of protocol where the change asks
// for it. PROTOCOL.md, "Change Metadata" and "Protocol Evolution".
import { upgradedProtocol } from "../../format/protocol/protocol-upgrade.ts";
import { settleMetadata } from "../../format/protocol/settle-metadata.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { beginTransaction } from "../../writer/transaction.ts";
import { type ColumnChange, alterColumns } from "./alter-columns.ts";
import { type ConstraintChange, alterConstraints } from "./alter-constraints.ts";
import { type PropertyChange, alterProperties } from "./alter-properties.ts";
import type { Alteration } from "./alteration.ts";
import { newColumnName } from "../input/create-table.ts";
import { type DropFeature, dropFeature } from "./drop-feature.ts";
import type { TableHead } from "../rows/file-changes.ts";

export type { DropFeatureOptions } from "./drop-feature.ts";

/** A change of a table that leaves its rows as they are. */
export type TableChange = RowlessChange | DropFeature;

type RowlessChange = ColumnChange | ConstraintChange | PropertyChange;

/** What a change of a table did. */
export interface AlterResult {
  /** The version committed, or the table's when nothing was to be done. */
  readonly version: number;
}

/**
 * Changes a table.
 * @throws AlluviumError of the change; `DELTA_METADATA_CHANGED`, `DELTA_PROTOCOL_CHANGED`, `DELTA_CONCURRENT_*` when another writer
 *   stands in its way; `UNSUPPORTED_FEATURE`
 */
export async function alterTable(
  { engine, snapshot }: TableHead,
  change: TableChange,
): Promise<AlterResult & { readonly snapshot: Snapshot }> {
  const transaction = beginTransaction(engine, snapshot);
  if (change.kind === "dropFeature") {
    const after = await dropFeature({ engine, snapshot }, change);
    return { version: after.version, snapshot: after };
  }
  const alteration = await alterationOf({ engine, snapshot }, change);
  if (alteration === null) return { version: snapshot.version, snapshot };
  const { operation, parameters, metadata, request, readsRows, actions = [] } = alteration;
  const settled = metadata === undefined ? undefined : settleMetadata(metadata, snapshot, () => newColumnName(engine));
  const protocol = upgradedProtocol(snapshot.protocol, settled ?? snapshot.metadata, request);
  if (protocol !== snapshot.protocol) transaction.updateProtocol(protocol);
  if (settled !== undefined) transaction.updateMetadata(settled);
  if (readsRows === true) transaction.readWholeTable();
  const result = await transaction.commit({ operation, parameters, actions });
  return { version: result.version, snapshot: result.status === "committed" ? result.snapshot : snapshot };
}

function alterationOf(head: TableHead, change: RowlessChange): Alteration | Promise<Alteration> {
  switch (change.kind) {
    case "addColumns":
    case "renameColumn":
    case "dropColumns":
    case "changeColumn":
      return alterColumns(head, change);
    case "addConstraint":
    case "dropConstraint":
      return alterConstraints(head, change);
    case "setProperties":
    case "unsetProperties":
    case "addFeature":
    case "upgradeProtocol":
    case "comment":
    case "clusterBy":
      return alterProperties(head, change);
  }
}
