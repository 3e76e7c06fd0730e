// format/feature/iceberg-compat-v3.ts: the table feature icebergCompatV3. Of the accepted protocol RFCs.
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableIcebergCompatV3 = true. */
export const icebergCompatV3: TableFeature = {
  name: "icebergCompatV3",
  kind: "writer",
  requires: ["columnMapping", "rowTracking"],
  enabledBy: "delta.enableIcebergCompatV3 = true",
  readers: "nothing: what they read is the same",
  writers: "as version 2, with deletion vectors and row tracking",
  canRead: true,
  canWrite: false,
  isInUse: isOn("delta.enableIcebergCompatV3"),
};
