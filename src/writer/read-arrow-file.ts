// writer/read-arrow-file.ts: Arrow IPC files and streams as rows.
import { RecordBatchReader } from "apache-arrow";
import type { RecordBatch } from "apache-arrow";
import { fromArrowSchema } from "../engine/arrow-schema.ts";
import { AlluviumError } from "../format/error.ts";
import { schemaEquals } from "../format/schema-type.ts";
import type { StructType } from "../format/schema.ts";
import type { Rows } from "./rows.ts";

/** Gives the bytes of a file when they are needed. */
export type Content = () => Promise<Uint8Array>;

/**
 * The rows of Arrow IPC files or streams, which must have the same columns.
 * @throws AlluviumError `CORRUPT_FILE`, `INVALID_ARGUMENT` for columns that differ, or that no Delta table can hold
 */
export async function readArrowFiles(contents: readonly Content[]): Promise<Rows> {
  const [first, ...rest] = contents;
  const opened = open(await (first?.() ?? Promise.resolve(new Uint8Array(0))));
  return { kind: "arrow", schema: opened.schema, batches: batchesOf(opened, rest) };
}

interface OpenArrow {
  readonly schema: StructType;
  readonly batches: Iterable<RecordBatch>;
}

async function* batchesOf(first: OpenArrow, rest: readonly Content[]): AsyncGenerator<RecordBatch> {
  yield* readable(first.batches);
  for (const content of rest) {
    const next = open(await content());
    if (!schemaEquals(first.schema, next.schema, { ignoreNullability: true })) {
      throw new AlluviumError("INVALID_ARGUMENT", {}, "the Arrow files have different columns; write them one by one");
    }
    yield* readable(next.batches);
  }
}

function open(bytes: Uint8Array): OpenArrow {
  try {
    const reader = RecordBatchReader.from(bytes);
    reader.open();
    return { schema: fromArrowSchema(reader.schema), batches: reader as Iterable<RecordBatch> };
  } catch (cause) {
    throw corrupt(cause);
  }
}

function* readable(batches: Iterable<RecordBatch>): Generator<RecordBatch> {
  const iterator = batches[Symbol.iterator]();
  for (;;) {
    let next: IteratorResult<RecordBatch>;
    try {
      next = iterator.next();
    } catch (cause) {
      throw corrupt(cause);
    }
    if (next.done === true) return;
    yield next.value;
  }
}

function corrupt(cause: unknown): AlluviumError {
  if (cause instanceof AlluviumError) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new AlluviumError("CORRUPT_FILE", {}, `the input is no whole Arrow IPC file or stream: ${why}`, { cause });
}
