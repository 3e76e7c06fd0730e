// format/feature/redirect-writer-only.ts: the table feature redirectWriterOnly-preview. Known to the reference implementation only.
import type { TableFeature } from "./table-feature.ts";

/** Enabled by delta.redirectWriterOnly-preview. */
export const redirectWriterOnlyPreview: TableFeature = {
  name: "redirectWriterOnly-preview",
  kind: "writer",
  enabledBy: "delta.redirectWriterOnly-preview",
  readers: "nothing: what they read is the same",
  writers: "go to the table that is named instead",
  canRead: true,
  canWrite: false,
};
