// stream/sink/for-each-batch-sink.ts: a user's function as the sink. A batch may be delivered again after a crash: at least once.
// Spark's `foreachBatch`.
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { Rows } from "../../writer/rows.ts";
import type { Sink, SinkContext } from "./sink.ts";
import { callUserCode } from "../plan/user-code.ts";

/** Called once per batch, also for batches without rows. */
export type ForEachBatchFunction<Frame> = (frame: Frame, batchId: number) => unknown;

/**
 * A sink that calls `fn`.
 * @param frameOf makes the batch frame that `fn` sees of the rows; null rows are a batch without rows
 */
export function forEachBatchSink<Frame>(
  fn: ForEachBatchFunction<Frame>,
  frameOf: (rows: Rows | null, context: SinkContext) => Frame | Promise<Frame>,
): Sink {
  return {
    description: "ForeachBatchSink",
    readsRowsAgain: true,
    checkOutputMode: () => undefined,
    checkSchema: () => Promise.resolve(),
    lastReceipt: () => Promise.resolve(null),
    addBatch: async (batchId, rows, context) => {
      const frame = await frameOf(rows, context);
      try {
        await callUserCode(context.runId, () => fn(frame, batchId));
      } catch (cause) {
        const what = messageOf(cause);
        const message = `the function given to foreachBatch failed on batch ${batchId}: ${what}; the batch stays pending and is delivered again when the query restarts`;
        throw new AlluviumError("FOREACH_BATCH_USER_FUNCTION_ERROR", { batchId, queryId: context.queryId }, message, {
          cause,
        });
      }
      return { status: "written", rowCount: null };
    },
  };
}
