// format/protocol/table-feature-registry.ts: every feature of the protocol; each has a file of its own in format/feature. PROTOCOL.md, "Valid Feature Names in Table Features".
import { allowColumnDefaults } from "../feature/allow-column-defaults.ts";
import { appendOnly } from "../feature/append-only.ts";
import { catalogManaged, catalogOwnedPreview } from "../feature/catalog-managed.ts";
import { changeDataFeed } from "../feature/change-data-feed.ts";
import { checkConstraints } from "../feature/check-constraints.ts";
import { checkpointProtection } from "../feature/checkpoint-protection.ts";
import { clustering } from "../feature/clustering.ts";
import { columnMapping } from "../feature/column-mapping.ts";
import { coordinatedCommitsPreview } from "../feature/coordinated-commits.ts";
import { deletionVectors } from "../feature/deletion-vectors.ts";
import { domainMetadata } from "../feature/domain-metadata.ts";
import { generatedColumns } from "../feature/generated-columns.ts";
import { icebergCompatV1 } from "../feature/iceberg-compat-v1.ts";
import { icebergCompatV2 } from "../feature/iceberg-compat-v2.ts";
import { icebergCompatV3 } from "../feature/iceberg-compat-v3.ts";
import { identityColumns } from "../feature/identity-columns.ts";
import { inCommitTimestamp } from "../feature/in-commit-timestamp.ts";
import { invariants } from "../feature/invariants.ts";
import { materializePartitionColumns } from "../feature/materialize-partition-columns.ts";
import { redirectReaderWriterPreview } from "../feature/redirect-reader-writer.ts";
import { redirectWriterOnlyPreview } from "../feature/redirect-writer-only.ts";
import { rowTracking } from "../feature/row-tracking.ts";
import { timestampNtz } from "../feature/timestamp-ntz.ts";
import { typeWidening, typeWideningPreview } from "../feature/type-widening.ts";
import { v2Checkpoint } from "../feature/v2-checkpoint.ts";
import { vacuumProtocolCheck } from "../feature/vacuum-protocol-check.ts";
import { variantShredding, variantShreddingPreview } from "../feature/variant-shredding.ts";
import { variantType, variantTypePreview } from "../feature/variant-type.ts";
import type { TableFeature } from "../feature/table-feature.ts";

export type { TableFeature } from "../feature/table-feature.ts";

/** True of the feature of that exact name. */
export function isNamed(name: string): (feature: TableFeature) => boolean {
  return (feature) => feature.name === name;
}

/** All features, in the protocol's order, then those that only the reference implementation knows. */
export const tableFeatures: readonly TableFeature[] = [
  appendOnly,
  invariants,
  checkConstraints,
  generatedColumns,
  allowColumnDefaults,
  changeDataFeed,
  columnMapping,
  identityColumns,
  deletionVectors,
  rowTracking,
  timestampNtz,
  domainMetadata,
  v2Checkpoint,
  catalogManaged,
  catalogOwnedPreview,
  icebergCompatV1,
  icebergCompatV2,
  icebergCompatV3,
  clustering,
  vacuumProtocolCheck,
  inCommitTimestamp,
  typeWidening,
  typeWideningPreview,
  variantType,
  variantTypePreview,
  variantShredding,
  variantShreddingPreview,
  redirectReaderWriterPreview,
  redirectWriterOnlyPreview,
  materializePartitionColumns,
  checkpointProtection,
  coordinatedCommitsPreview,
];
