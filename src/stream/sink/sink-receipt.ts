// stream/sink/sink-receipt.ts: compares a checkpoint with what its sink already holds. A sink skips batches whose id it has seen, so
// a checkpoint put back to an older copy would lose the rows of its re-numbered batches; here that is an error instead.
import { AlluviumError } from "../../format/text/error.ts";
import type { Recovery } from "../checkpoint/recover.ts";
import type { SinkReceipt } from "./sink.ts";
import type { Source } from "../plan/source.ts";

/** The two sides. */
export interface SinkComparison {
  readonly recovery: Recovery;
  readonly receipt: SinkReceipt | null;
  readonly sources: readonly Source[];
  readonly checkpointLocation: string;
  /** The sink's description. */
  readonly sink: string;
}

/**
 * Passes when the sink holds batches below the next one only, or the pending batch itself with the very offsets it was promised.
 * @throws AlluviumError `STREAMING_CHECKPOINT_BEHIND_SINK`
 */
export function checkSinkIsNotAhead(comparison: SinkComparison): void {
  const { recovery, receipt } = comparison;
  if (receipt === null || receipt.batchId < recovery.batchId) return;
  if (recovery.kind === "pending" && receipt.batchId === recovery.batchId && holdsSameRange(comparison)) return;
  const { checkpointLocation, sink } = comparison;
  const message = `checkpoint ${checkpointLocation} is behind its sink: it would run batch ${recovery.batchId}, but ${sink} already holds batch ${receipt.batchId} of this query${receipt.batchId === recovery.batchId ? " with another range of rows" : ""}. The checkpoint was probably replaced by an older copy; running on would lose rows. Put the newer checkpoint back, or start from a new checkpointLocation, which reads the source from its start again`;
  throw new AlluviumError(
    "STREAMING_CHECKPOINT_BEHIND_SINK",
    { checkpointLocation, batchId: recovery.batchId, sinkBatchId: receipt.batchId, sink },
    message,
  );
}

function holdsSameRange({ recovery, receipt, sources }: SinkComparison): boolean {
  // Written by another engine that leaves no offsets: its word, the batch id, is all there is.
  const held = receipt?.endOffsets ?? null;
  if (held === null || recovery.kind !== "pending") return true;
  const promised = recovery.entry.offsets;
  return (
    held.length === promised.length &&
    sources.every((source, index) => source.equals(held[index] ?? null, promised[index] ?? null))
  );
}
