// format/feature/domain-metadata.ts: the table feature domainMetadata. PROTOCOL.md, "Domain Metadata".
import type { TableFeature } from "./table-feature.ts";

/** Enabled by delta.feature.domainMetadata = supported. */
export const domainMetadata: TableFeature = {
  name: "domainMetadata",
  section: "Domain Metadata",
  kind: "writer",
  enabledBy: "delta.feature.domainMetadata = supported",
  readers: "nothing: what they read is the same",
  writers: "keep the domains of others, and treat two commits to one domain as a conflict",
  canRead: true,
  canWrite: true,
};
