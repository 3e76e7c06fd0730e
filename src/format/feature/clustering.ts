// format/feature/clustering.ts: the table feature clustering. PROTOCOL.md, "Clustered Table".
import type { TableFeature } from "./table-feature.ts";

/** Enabled by CREATE TABLE … CLUSTER BY. */
export const clustering: TableFeature = {
  name: "clustering",
  section: "Clustered Table",
  kind: "writer",
  requires: ["domainMetadata"],
  enabledBy: "CREATE TABLE … CLUSTER BY",
  readers: "nothing: what they read is the same",
  writers: "keep the clustering columns in the domain delta.clustering and write statistics of them",
  canRead: true,
  canWrite: true,
};
