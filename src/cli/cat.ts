// cli/cat.ts: `alluvium cat`: the table's rows.
import type { RecordBatch } from "apache-arrow";
import { Command } from "commander";
import { arrowSchemaOf } from "../index.ts";
import { type CommonOptions, nameList, wholeNumber, withTable } from "./table-argument.ts";
import { type RowFormat, rowFormat, rowFormats, writeRows } from "./write-rows.ts";

interface CatOptions extends CommonOptions {
  readonly version?: number;
  readonly timestamp?: string;
  readonly columns?: readonly string[];
  readonly where?: string;
  readonly limit?: number;
  readonly format: RowFormat;
  readonly output?: string;
}

/** Makes the command. */
export function catCommand(): Command {
  return new Command("cat")
    .description("print a table's rows")
    .argument("<table>", "path, or name in --warehouse")
    .option("--version <n>", "at this version", wholeNumber("--version"))
    .option("--timestamp <time>", "at the newest version of this time or before (ISO 8601, UTC)")
    .option("--columns <names>", "only these columns, in this order: a,b", nameList)
    .option("--where <sql>", "only rows for which this is true (Spark SQL)")
    .option("--limit <n>", "at most this many rows", wholeNumber("--limit"))
    .option("--format <format>", rowFormats.join(", "), rowFormat, "table" as RowFormat)
    .option("--output <file>", "write there instead of to standard output")
    .action(cat);
}

function cat(argument: string, options: CatOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const read = {
      ...(options.columns === undefined ? {} : { columns: options.columns }),
      ...(options.where === undefined ? {} : { where: options.where }),
    };
    const batches = table.batches(read);
    await writeRows({
      schema: arrowSchemaOf(table.schema, options.columns),
      batches: options.limit === undefined ? batches : limited(batches, options.limit),
      format: options.format,
      ...(options.output === undefined ? {} : { output: options.output }),
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
