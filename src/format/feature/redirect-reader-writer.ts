// format/feature/redirect-reader-writer.ts: the table feature redirectReaderWriter-preview. Known to the reference implementation only.
import type { TableFeature } from "./table-feature.ts";

/** Enabled by delta.redirectReaderWriter-preview. */
export const redirectReaderWriterPreview: TableFeature = {
  name: "redirectReaderWriter-preview",
  kind: "reader-writer",
  enabledBy: "delta.redirectReaderWriter-preview",
  readers: "go to the table that is named instead",
  writers: "go to the table that is named instead",
  canRead: false,
  canWrite: false,
};
