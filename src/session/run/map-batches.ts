// session/run/map-batches.ts: a user's function over Arrow batches. What it gives goes on by the names of its columns.
import type { RecordBatch } from "apache-arrow";
import { fromArrowSchema } from "../../engine/arrow/arrow-schema.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { castBatch } from "../../writer/arrow-cast.ts";
import { planWriteSchema } from "../../writer/write-schema.ts";
import type { MapBatchesFunction } from "../plan/plan.ts";

/** The function, and the columns of what it gives. */
export interface MapStep {
  readonly function: MapBatchesFunction;
  readonly schema: StructType;
}

/**
 * Calls the function for each batch as the rows are pulled.
 * @throws AlluviumError `FOREACH_BATCH_USER_FUNCTION_ERROR` when it throws, or gives something else than batches of these columns;
 * `DELTA_FAILED_TO_MERGE_FIELDS` or `CAST_INVALID_INPUT` for values that cannot be of the columns' types
 */
export async function* mappedBatches(
  batches: AsyncIterable<RecordBatch>,
  { function: step, schema }: MapStep,
): AsyncGenerator<RecordBatch> {
  for await (const batch of batches) for await (const given of callOf(step, batch)) yield asTold(given, schema);
}

async function* callOf(step: MapBatchesFunction, batch: RecordBatch): AsyncGenerator {
  try {
    const given: unknown = await step(batch);
    if (isTable(given)) yield* given.batches;
    else if (isIterable(given)) yield* given;
    else yield given;
  } catch (cause) {
    throw failed(`failed: ${messageOf(cause)}`, cause);
  }
}

/** A batch with the columns of the schema: by name, and of its types. */
function asTold(batch: unknown, schema: StructType): RecordBatch {
  if (!isBatch(batch)) {
    const what = isObject(batch) ? "an object that is no batch" : String(batch);
    throw failed(`gave ${what}, where an Arrow RecordBatch is wanted, or several of them`);
  }
  const given = fromArrowSchema(batch.schema);
  const nameOf = ({ name }: StructField): string => name.toLowerCase();
  const names = new Set(given.fields.map(nameOf));
  if (given.fields.length !== schema.fields.length || !schema.fields.every((field) => names.has(nameOf(field))))
    throw failed(
      `gave the columns (${namesIn(given)}), where (${namesIn(schema)}) are wanted; its option schema says which columns it gives`,
    );
  const { columns } = planWriteSchema({ tableSchema: schema, partitionColumns: [], dataSchema: given });
  return castBatch(batch, schema, columns);
}

const namesIn = ({ fields }: StructType): string => fields.map(({ name }) => name).join(", ");

// Not by class: the program's copy of Arrow may be another one than ours.
const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isTable = (value: unknown): value is { readonly batches: readonly unknown[] } =>
  isObject(value) && "batches" in value && Array.isArray(value.batches);
const isBatch = (value: unknown): value is RecordBatch => isObject(value) && "schema" in value && "numRows" in value;
const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  isObject(value) && !isBatch(value) && (Symbol.iterator in value || Symbol.asyncIterator in value);

function failed(what: string, cause?: unknown): AlluviumError {
  const message = `the function given to mapBatches ${what}`;
  return new AlluviumError("FOREACH_BATCH_USER_FUNCTION_ERROR", {}, message, cause === undefined ? {} : { cause });
}
