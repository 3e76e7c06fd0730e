// engine/arrow-ipc.ts: Arrow batches as an IPC stream.
import { AsyncByteQueue, RecordBatch, RecordBatchStreamWriter } from "apache-arrow";
import type { Schema } from "apache-arrow";

/** The batches as one IPC stream under `schema`, whose types must be those of the batches' columns. */
export function encodeIpcStream(schema: Schema, batches: Iterable<RecordBatch>): Uint8Array {
  const chunks = new ChunkList();
  const writer = new RecordBatchStreamWriter({ autoDestroy: false });
  writer.reset(chunks, schema);
  // Under one and the same schema: the writer would end the stream at a batch whose schema differs, if only in metadata.
  for (const batch of batches) writer.write(new RecordBatch(schema, batch.data));
  writer.finish();
  return Buffer.concat(chunks.list);
}

/** Keeps what is written. Arrow's own queue drops one of two equal neighbours, as when a batch holds the same column twice. */
class ChunkList extends AsyncByteQueue {
  readonly list: Uint8Array[] = [];

  override write(value: ArrayBufferView | Uint8Array): void {
    this.list.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
}
