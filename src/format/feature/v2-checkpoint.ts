// format/feature/v2-checkpoint.ts: the table feature v2Checkpoint. PROTOCOL.md, "V2 Checkpoint Table Feature".
import type { Metadata } from "../action/action.ts";
import type { TableFeature } from "./table-feature.ts";

const usesPolicyV2 = (metadata: Metadata): boolean => metadata.configuration.get("delta.checkpointPolicy") === "v2";

/** Enabled by delta.checkpointPolicy = v2. */
export const v2Checkpoint: TableFeature = {
  name: "v2Checkpoint",
  section: "V2 Checkpoint Table Feature",
  kind: "reader-writer",
  enabledBy: "delta.checkpointPolicy = v2",
  readers: "read checkpoints of UUID names with sidecars",
  writers: "write checkpoints of either kind, version 2 where the policy asks for it",
  canRead: true,
  canWrite: true,
  isInUse: usesPolicyV2,
};
