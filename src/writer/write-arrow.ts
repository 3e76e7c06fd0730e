// writer/write-arrow.ts: rows from JavaScript to data files, by parquet-wasm. Memory is bounded by a file, not by the input.
import { dirname, join } from "node:path";
import type { RecordBatch } from "apache-arrow";
import type { Engine } from "../engine/base/engine.ts";
import type { PartitionValues } from "../format/action/action.ts";
import { partitionDirectory } from "../format/value/partition-path.ts";
import { remembered } from "../format/text/remembered.ts";
import type { StructType } from "../format/schema/schema.ts";
import { castBatch } from "./arrow-cast.ts";
import { summarizeLeaf, topLevelNullCounts } from "./collect-stats.ts";
import { formatFileStats, statsLeaves } from "./column-stats.ts";
import type { StatsLeaf } from "./column-stats.ts";
import type { FieldConversion } from "./conversion.ts";
import { dataFileName } from "./data-file-name.ts";
import { batchSizeBytes, cutBatch, partitionKey, partitionSplitter } from "./split-batch.ts";
import { nullableStruct } from "../format/schema/map-fields.ts";
import { baseFolder, fileFields, targetFileSizeBytes } from "./write-target.ts";
import type { NewFile, WriteTarget } from "./write-target.ts";

/** Arrow rows on their way into a table. */
export interface ArrowInput {
  readonly batches: AsyncIterable<RecordBatch>;
  /** How the table's columns are made of the batches'. */
  readonly columns: readonly FieldConversion[];
  /** Unique; it stands in the names of all files. */
  readonly writeId: string;
  /** Takes each file as soon as it lies on disk. */
  onFile(file: NewFile): void;
}

/**
 * Writes the rows of an iterable, pulled as the files fill. Nothing is durable yet; no row gives no file.
 * @throws AlluviumError of the iterable, `CAST_INVALID_INPUT` for a value that does not fit, `DISK_FULL`, `IO_ERROR`
 */
export async function writeArrow(engine: Engine, target: WriteTarget, input: ArrowInput): Promise<void> {
  const split = partitionSplitter(target);
  const files = new OpenFiles(engine, target, input);
  for await (const batch of input.batches) {
    if (batch.numRows === 0) continue;
    for (const piece of cutBatch(batch, files.sizeBytesMax)) {
      const rows = castBatch(piece, target.schema, input.columns);
      await files.makeRoom(batchSizeBytes(rows));
      for (const part of split(rows)) files.add(part.partitionValues, part.batch);
    }
  }
  await files.writeAll();
}

const fileLayout = remembered((target: WriteTarget) => {
  // What is NOT NULL is checked by the writer; files of one table then have one schema, whatever the table demanded at the time.
  const schema = nullableStruct({ kind: "struct", fields: fileFields(target) });
  const leaves = statsLeaves(target).filter(({ path }) => schema.fields.some((field) => field.name === path[0]));
  return { schema, leaves };
});

// Encoding holds the rows twice more, and WebAssembly never gives memory back.
const bufferedBytesMax = 64 * 2 ** 20;

interface OpenFile {
  readonly partitionValues: PartitionValues;
  readonly batches: RecordBatch[];
  sizeBytes: number;
}

/** Files that are being filled: one for each partition met, all together no larger than one file may be. */
class OpenFiles {
  readonly sizeBytesMax: number;
  readonly #engine: Engine;
  readonly #target: WriteTarget;
  readonly #input: ArrowInput;
  readonly #fileSchema: StructType;
  readonly #leaves: readonly StatsLeaf[];
  readonly #open = new Map<string, OpenFile>();
  #sizeBytes = 0;
  #fileCount = 0;

  constructor(engine: Engine, target: WriteTarget, input: ArrowInput) {
    this.#engine = engine;
    this.#target = target;
    this.#input = input;
    this.sizeBytesMax = Math.min(bufferedBytesMax, targetFileSizeBytes(target));
    const { schema, leaves } = fileLayout(target);
    this.#fileSchema = schema;
    this.#leaves = leaves;
  }

  add(partitionValues: PartitionValues, rows: RecordBatch): void {
    const key = partitionKey([...partitionValues.values()]);
    const file = this.#open.get(key) ?? { partitionValues, batches: [], sizeBytes: 0 };
    const sizeBytes = batchSizeBytes(rows);
    file.batches.push(rows);
    file.sizeBytes += sizeBytes;
    this.#sizeBytes += sizeBytes;
    this.#open.set(key, file);
  }

  /** Writes the largest files, when more would be too much, until half of the room is free. */
  async makeRoom(sizeBytes: number): Promise<void> {
    if (this.#sizeBytes + sizeBytes <= this.sizeBytesMax) return;
    const largestFirst = [...this.#open].toSorted(([, a], [, b]) => b.sizeBytes - a.sizeBytes);
    for (const [key, file] of largestFirst) {
      if (this.#sizeBytes <= this.sizeBytesMax / 2) return;
      await this.#write(key, file);
    }
  }

  async writeAll(): Promise<void> {
    for (const [key, file] of this.#open) await this.#write(key, file);
  }

  async #write(key: string, { partitionValues, batches, sizeBytes }: OpenFile): Promise<void> {
    this.#open.delete(key);
    this.#sizeBytes -= sizeBytes;
    const target = this.#target;
    const name = dataFileName(this.#input.writeId, this.#fileCount);
    const folder = target.properties.randomizeFilePrefixes
      ? ""
      : partitionDirectory(target.partitionColumns, partitionValues);
    const relativePath = join(baseFolder(target, this.#input.writeId), folder, name);
    this.#fileCount += 1;
    const path = join(target.tablePath, relativePath);
    await this.#engine.files.makeDirectory(dirname(path));
    const written = await this.#engine.parquet.write(path, this.#fileSchema, batches);
    const columns = this.#leaves.map((leaf) => [leaf, summarizeLeaf(batches, leaf)] as const);
    this.#input.onFile({
      relativePath,
      partitionValues,
      sizeBytes: written.sizeBytes,
      rowCount: written.rowCount,
      stats: formatFileStats(written.rowCount, columns, target.properties.dataSkippingStringPrefixLength),
      nullCounts: topLevelNullCounts(batches),
    });
  }
}
