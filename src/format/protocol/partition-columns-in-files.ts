// format/protocol/partition-columns-in-files.ts: whether data files hold partition columns too. PROTOCOL.md, "Writer Requirements for
// IcebergCompatV1"; RFC "Materialize Partition Columns".
import type { Metadata, Protocol } from "../action/action.ts";
import { icebergCompat } from "./iceberg-compat.ts";
import { parseBoolean } from "../text/property-value.ts";
import { isFeatureSupported } from "./table-feature.ts";

/** True where a feature (materializePartitionColumns, icebergCompatV1 and V2) or `delta.writePartitionColumnsToParquet` asks for it. */
export function keepsPartitionColumns(protocol: Protocol, metadata: Metadata): boolean {
  if (metadata.partitionColumns.length === 0) return false;
  if (isFeatureSupported(protocol, "materializePartitionColumns") || icebergCompat(metadata) !== null) return true;
  return parseBoolean(metadata.configuration.get("delta.writePartitionColumnsToParquet") ?? "") === true;
}
