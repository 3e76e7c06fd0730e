// cli/cat.ts: `alluvium cat`: the table's rows.
import type { RecordBatch } from "apache-arrow";
import { Command } from "commander";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { AlluviumError } from "../index.ts";
import { type CommonOptions, nameList, tablePathOf, wholeNumber, withSession, withTable } from "./table-argument.ts";
import { type RowFormat, rowFormat, rowFormats, writeRows } from "./write-rows.ts";

interface CatOptions extends CommonOptions {
  readonly version?: number;
  readonly timestamp?: string;
  readonly columns?: readonly string[];
  readonly where?: string;
  readonly limit?: number;
  readonly operator?: number;
  readonly store?: string;
  readonly format: RowFormat;
  readonly output?: string;
}

/** Makes the command. */
export function catCommand(): Command {
  return new Command("cat")
    .description("print a table's rows, or the state in the checkpoint of a stream")
    .argument("<table>", "path, or name in --warehouse; or the path of a checkpoint")
    .option("--version <n>", "at this version; of a checkpoint: after this batch", wholeNumber("--version"))
    .option("--timestamp <time>", "at the newest version of this time or before (ISO 8601, UTC)")
    .option("--columns <names>", "only these columns, in this order: a,b", nameList)
    .option("--where <sql>", "only rows for which this is true (Spark SQL)")
    .option("--limit <n>", "at most this many rows", wholeNumber("--limit"))
    .option("--operator <n>", "of a checkpoint: the stateful operator, from 0", wholeNumber("--operator"))
    .option("--store <name>", "of a checkpoint: the table of the operator, such as left or right of a join")
    .option("--format <format>", rowFormats.join(", "), rowFormat, "table" as RowFormat)
    .option("--output <file>", "write there instead of to standard output")
    .action(cat);
}

function cat(argument: string, options: CatOptions): Promise<void> {
  const path = tablePathOf(argument, options);
  const isCheckpoint = !existsSync(join(path, "_delta_log")) && existsSync(join(path, "offsets"));
  return isCheckpoint ? catState(path, options) : catTable(argument, options);
}

/** The state of a query: columns `key`, `value` and `partition_id`. */
function catState(checkpoint: string, options: CatOptions): Promise<void> {
  if (options.timestamp !== undefined) {
    const message = "the state in a checkpoint is read after a batch: --version, not --timestamp";
    throw new AlluviumError("INVALID_ARGUMENT", { option: "--timestamp" }, message);
  }
  const given = { batchId: options.version, operatorId: options.operator, storeName: options.store };
  return withSession(options, async (session) => {
    const reader = Object.entries(given).reduce(
      (one, [name, value]) => (value === undefined ? one : one.option(name, value)),
      session.read.format("statestore"),
    );
    const all = reader.load(checkpoint);
    const kept = options.where === undefined ? all : all.where(options.where);
    const chosen = options.columns === undefined ? kept : kept.select(...options.columns);
    const frame = options.limit === undefined ? chosen : chosen.limit(options.limit);
    await writeRows({ ...options, schema: await frame.arrowSchema(), batches: frame.batches() });
  });
}

function catTable(argument: string, options: CatOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const { columns, where, limit } = options;
    const batches = table.batches({ columns, where });
    await writeRows({
      ...options,
      schema: await table.arrowSchema(columns),
      batches: limit === undefined ? batches : limited(batches, limit),
    });
  });
}

async function* limited(batches: AsyncIterable<RecordBatch>, rowCountMax: number): AsyncGenerator<RecordBatch> {
  let left = rowCountMax;
  if (left === 0) return;
  for await (const batch of batches) {
    yield batch.numRows <= left ? batch : batch.slice(0, left);
    left -= batch.numRows;
    if (left <= 0) return;
  }
}
