// format/feature/deletion-vectors.ts: the table feature deletionVectors. PROTOCOL.md, "Deletion Vectors".
import type { TableFeature } from "./table-feature.ts";
import { isOn } from "./in-use.ts";

/** Enabled by delta.enableDeletionVectors = true. */
export const deletionVectors: TableFeature = {
  name: "deletionVectors",
  section: "Deletion Vectors",
  kind: "reader-writer",
  enabledBy: "delta.enableDeletionVectors = true",
  readers: "leave out the rows that vectors name",
  writers: "keep the vectors of files; write new ones only while the property is true",
  canRead: true,
  canWrite: true,
  isInUse: isOn("delta.enableDeletionVectors"),
};
