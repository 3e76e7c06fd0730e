// format/feature/vacuum-protocol-check.ts: the table feature vacuumProtocolCheck. PROTOCOL.md, "VACUUM Protocol Check".
import type { TableFeature } from "./table-feature.ts";

/** Enabled by delta.feature.vacuumProtocolCheck = supported. */
export const vacuumProtocolCheck: TableFeature = {
  name: "vacuumProtocolCheck",
  section: "VACUUM Protocol Check",
  kind: "reader-writer",
  enabledBy: "delta.feature.vacuumProtocolCheck = supported",
  readers: "nothing: they acknowledge it",
  writers: "check that they may write the table before a vacuum removes a file",
  canRead: true,
  canWrite: true,
};
