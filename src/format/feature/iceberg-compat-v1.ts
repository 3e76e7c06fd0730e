// format/feature/iceberg-compat-v1.ts: the table feature icebergCompatV1. PROTOCOL.md, "Iceberg Compatibility V1".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableIcebergCompatV1 = true. */
export const icebergCompatV1: TableFeature = {
  name: "icebergCompatV1",
  section: "Iceberg Compatibility V1",
  kind: "writer",
  requires: ["columnMapping"],
  enabledBy: "delta.enableIcebergCompatV1 = true",
  readers: "nothing: what they read is the same",
  writers:
    "map columns, keep partition columns in files, write numRecords, and refuse deletion vectors and maps, arrays and void",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableIcebergCompatV1"),
};
