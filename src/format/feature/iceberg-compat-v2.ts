// format/feature/iceberg-compat-v2.ts: the table feature icebergCompatV2. PROTOCOL.md, "Iceberg Compatibility V2".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableIcebergCompatV2 = true. */
export const icebergCompatV2: TableFeature = {
  name: "icebergCompatV2",
  section: "Iceberg Compatibility V2",
  kind: "writer",
  requires: ["columnMapping"],
  enabledBy: "delta.enableIcebergCompatV2 = true",
  readers: "nothing: what they read is the same",
  writers:
    "map columns and give elements, keys and values ids of their own, keep partition columns in files, write numRecords, refuse deletion vectors",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableIcebergCompatV2"),
};
