// cli/merge.ts: `alluvium merge`: rows of files update, delete and insert rows of a table.
import { Command } from "commander";
import { AlluviumError, type MergeBuilder, inputFiles } from "../index.ts";
import { printResult } from "./print-result.ts";
import { type CommonOptions, withTable } from "./table-argument.ts";
import { assignment } from "./update.ts";

interface MergeOptions extends CommonOptions {
  readonly on: string;
  readonly deleteWhere?: string;
  readonly update?: readonly string[];
  readonly updateAll?: boolean;
  readonly insertAll?: boolean;
  readonly deleteMissing?: boolean;
  readonly mergeSchema?: boolean;
  readonly inputFormat?: string;
  readonly json?: boolean;
}

/** Makes the command. */
export function mergeCommand(): Command {
  return new Command("merge")
    .description("update, delete and insert rows by those of files, in one commit")
    .argument("<table>", "path, or name in --warehouse")
    .argument("<files...>", "Parquet, Arrow, JSON-lines or CSV files; - is standard input")
    .requiredOption("--on <sql>", "which rows go together, such as target.id = source.id (Spark SQL)")
    .option("--delete-where <sql>", "delete rows with a partner for which this is true")
    .option("--update <column=sql...>", "give rows with a partner new values, such as n=target.n+source.n")
    .option("--update-all", "give rows with a partner all its columns")
    .option("--insert-all", "insert rows of the files that have no partner")
    .option("--delete-missing", "delete rows of the table that have no partner")
    .option("--merge-schema", "add columns of the files that the table lacks, as far as they are used")
    .option("--input-format <format>", "parquet, arrow, jsonl or csv; by the file's name when absent")
    .option("--json", "print the result as JSON")
    .action(merge);
}

function merge(argument: string, files: readonly string[], options: MergeOptions): Promise<void> {
  if (options.update !== undefined && options.updateAll === true)
    throw new AlluviumError("INVALID_ARGUMENT", {}, "give --update or --update-all, not both");
  return withTable(argument, options, async (table) => {
    const input = inputFiles(files, { format: options.inputFormat });
    const result = await withClauses(table.merge(input, options.on), options).execute();
    printResult(options, result);
  });
}

function withClauses(builder: MergeBuilder, options: MergeOptions): MergeBuilder {
  let merging = options.mergeSchema === true ? builder.withSchemaEvolution() : builder;
  if (options.deleteWhere !== undefined) merging = merging.whenMatchedDelete({ condition: options.deleteWhere });
  if (options.update !== undefined)
    merging = merging.whenMatchedUpdate({ set: Object.fromEntries(options.update.map(assignment)) });
  if (options.updateAll === true) merging = merging.whenMatchedUpdateAll();
  if (options.insertAll === true) merging = merging.whenNotMatchedInsertAll();
  return options.deleteMissing === true ? merging.whenNotMatchedBySourceDelete() : merging;
}
