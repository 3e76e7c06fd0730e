// engine/arrow/arrow-ipc.ts: Arrow batches as an IPC stream.
import { AsyncByteQueue, RecordBatch, RecordBatchStreamWriter } from "apache-arrow";
import type { Schema } from "apache-arrow";
import { remembered } from "../../format/text/remembered.ts";

/** The batches as one IPC stream under `schema`, whose types must be those of the batches' columns. */
export function encodeIpcStream(schema: Schema, batches: Iterable<RecordBatch>): Uint8Array {
  const stream = new IpcStream(schema);
  for (const batch of batches) stream.write(batch);
  return stream.end();
}

/** As `encodeIpcStream`, batch by batch as they come. */
export async function* encodeIpcChunks(
  schema: Schema,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<Uint8Array> {
  const stream = new IpcStream(schema);
  for await (const batch of batches) {
    stream.write(batch);
    yield stream.take();
  }
  yield stream.end();
}

class IpcStream {
  readonly #schema: Schema;
  readonly #chunks = new ChunkList();
  readonly #writer = new StreamWriter({ autoDestroy: false });

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#writer.reset(this.#chunks, schema);
  }

  // Under one and the same schema: the writer would end the stream at a batch whose schema differs, if only in metadata.
  write(batch: RecordBatch): void {
    this.#writer.write(new RecordBatch(this.#schema, batch.data));
  }

  take(): Uint8Array {
    return Buffer.concat(this.#chunks.list.splice(0));
  }

  end(): Uint8Array {
    this.#writer.finish();
    return this.take();
  }
}

/** Begins each stream of a schema with the same bytes, which are made once. */
class StreamWriter extends RecordBatchStreamWriter {
  protected override _writeSchema(schema: Schema): this {
    // oxlint-disable-next-line no-underscore-dangle -- the library's name for what its subclasses call
    return this._write(schemaMessage(schema));
  }
}

const schemaMessage = remembered((schema: Schema): Uint8Array => {
  const chunks = new ChunkList();
  new RecordBatchStreamWriter({ autoDestroy: false }).reset(chunks, schema);
  return Buffer.concat(chunks.list);
});

/** Keeps what is written. Arrow's own queue drops one of two equal neighbours, as when a batch holds the same column twice. */
class ChunkList extends AsyncByteQueue {
  readonly list: Uint8Array[] = [];

  override write(value: ArrayBufferView | Uint8Array): void {
    this.list.push(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  }
}
