// format/feature/materialize-partition-columns.ts: the table feature materializePartitionColumns. Of the accepted protocol RFCs.
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableMaterializePartitionColumnsFeature = true. */
export const materializePartitionColumns: TableFeature = {
  name: "materializePartitionColumns",
  kind: "writer",
  enabledBy: "delta.enableMaterializePartitionColumnsFeature = true",
  readers: "nothing: what they read is the same",
  writers: "write partition columns into data files too",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableMaterializePartitionColumnsFeature"),
};
