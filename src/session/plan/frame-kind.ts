// session/plan/frame-kind.ts: what is asked of a frame of the wrong kind, streaming or not.
import { AlluviumError } from "../../format/text/error.ts";

/** A batch action on a streaming frame. */
export function notOnStreams(call: string): AlluviumError {
  const message = `${call} cannot be called on a streaming DataFrame, which never ends; watch it with live(), start it with writeStream, or read the table with read`;
  return new AlluviumError("CALL_ON_STREAMING_DATASET_UNSUPPORTED", { call }, message);
}

/** A streaming action on a batch frame. */
export function onlyOnStreams(call: string): AlluviumError {
  const message = `${call} needs a streaming DataFrame; read the table with readStream, or use write and rows`;
  return new AlluviumError("WRITE_STREAM_NOT_ALLOWED", { call }, message);
}
