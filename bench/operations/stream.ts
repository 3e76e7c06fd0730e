// bench/operations/stream.ts: streams that keep nothing.
import type { Arguments } from "../arguments.ts";
import { filterColumns, filterCondition } from "../source-rows.ts";
import { type StreamShape, repeatStream } from "./streamed.ts";

const identity: StreamShape = { workload: "stream_append", transform: (rows) => rows };

/** `stream_append src= work= [max_files=] [repeat=]`: the rows as they are. */
export function streamAppend(words: Arguments): Promise<void> {
  return repeatStream(words, identity);
}

/** `stream_filter src= work= [max_files=] [repeat=]`: a filter and a projection. */
export function streamFilter(words: Arguments): Promise<void> {
  return repeatStream(words, {
    workload: "stream_filter",
    transform: (rows) => rows.where(filterCondition).selectExpr(...filterColumns),
  });
}
