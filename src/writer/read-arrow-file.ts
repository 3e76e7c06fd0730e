// writer/read-arrow-file.ts: Arrow IPC files and streams as rows, a record batch at a time.
import { RecordBatchReader } from "apache-arrow";
import type { RecordBatch } from "apache-arrow";
import { fromArrowSchema } from "../engine/arrow/arrow-schema.ts";
import { type ByteSource, type OpenFile, openFile } from "../engine/files/byte-source.ts";
import { AlluviumError, messageOf } from "../format/text/error.ts";
import { schemaEquals } from "../format/schema/schema-type.ts";
import type { StructType } from "../format/schema/schema.ts";
import type { Rows } from "./rows.ts";

/** A file by its path, or bytes that pass by once they are asked for. */
export type Content = string | (() => ByteSource);

/**
 * The rows of Arrow IPC files or streams, which must have the same columns.
 * @throws AlluviumError `CORRUPT_FILE`, `INVALID_ARGUMENT` for columns that differ, or that no Delta table can hold
 */
export async function readArrowFiles(contents: readonly Content[]): Promise<Extract<Rows, { readonly kind: "arrow" }>> {
  const [first, ...rest] = contents;
  const opened = await open(first ?? nothing);
  const close = async (): Promise<void> => opened.file?.[Symbol.asyncDispose]();
  return { kind: "arrow", schema: opened.schema, batches: batchesOf(opened, rest), close };
}

interface OpenArrow {
  readonly schema: StructType;
  readonly batches: AsyncIterable<RecordBatch>;
  readonly file: OpenFile | null;
}

async function* batchesOf(first: OpenArrow, rest: readonly Content[]): AsyncGenerator<RecordBatch> {
  yield* readable(first);
  for (const content of rest) {
    const next = await open(content);
    if (!schemaEquals(first.schema, next.schema, { ignoreNullability: true })) {
      await next.file?.[Symbol.asyncDispose]();
      throw new AlluviumError("INVALID_ARGUMENT", {}, "the Arrow files have different columns; write them one by one");
    }
    yield* readable(next);
  }
}

/** A file on disk is read by its index; what comes in pieces is read as a stream, or held whole when it is a file. */
async function open(content: Content): Promise<OpenArrow> {
  const file = typeof content === "string" ? await openFile(content) : null;
  try {
    const source = typeof content === "string" ? file?.handle : content();
    const reader = (await RecordBatchReader.from(source as AsyncIterable<Uint8Array>)) as AsyncArrow;
    await reader.open();
    const schema = fromArrowSchema(reader.schema);
    if (schema.fields.length === 0) throw new Error("it has no columns");
    return { schema, batches: reader, file };
  } catch (cause) {
    await file?.[Symbol.asyncDispose]();
    throw corrupt(cause);
  }
}

type AsyncArrow = RecordBatchReader & AsyncIterable<RecordBatch> & { open(): Promise<unknown> };

async function* readable({ batches, file }: OpenArrow): AsyncGenerator<RecordBatch> {
  try {
    for await (const batch of batches) yield batch;
  } catch (cause) {
    throw corrupt(cause);
  } finally {
    await file?.[Symbol.asyncDispose]();
  }
}

async function* nothing(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(0);
}

function corrupt(cause: unknown): AlluviumError {
  if (cause instanceof AlluviumError) return cause;
  const why = messageOf(cause);
  return new AlluviumError("CORRUPT_FILE", {}, `the input is no whole Arrow IPC file or stream: ${why}`, { cause });
}
