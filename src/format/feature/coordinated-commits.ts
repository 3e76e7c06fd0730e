// format/feature/coordinated-commits.ts: the table feature coordinatedCommits-preview. Known to the reference implementation only.
import type { TableFeature } from "./table-feature.ts";

/** Enabled by delta.coordinatedCommits.commitCoordinator-preview. */
export const coordinatedCommitsPreview: TableFeature = {
  name: "coordinatedCommits-preview",
  kind: "writer",
  requires: ["inCommitTimestamp", "vacuumProtocolCheck"],
  enabledBy: "delta.coordinatedCommits.commitCoordinator-preview",
  readers: "nothing: what they read is the same",
  writers: "commit through the coordinator",
  canRead: true,
  canWrite: false,
};
