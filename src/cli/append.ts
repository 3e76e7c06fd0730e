// cli/append.ts: `alluvium append`: rows from files, in one commit.
import { Command } from "commander";
import { AlluviumError, inputFiles } from "../index.ts";
import { printResult } from "./print-result.ts";
import { type CommonOptions, withTable } from "./table-argument.ts";

interface AppendOptions extends CommonOptions {
  readonly mode: string;
  readonly mergeSchema?: boolean;
  readonly inputFormat?: string;
  readonly appId?: string;
  readonly appVersion?: string;
  readonly json?: boolean;
}

/** Makes the command. */
export function appendCommand(): Command {
  return new Command("append")
    .description("write rows from Parquet, Arrow, JSON-lines or CSV files, in one commit")
    .argument("<table>", "path, or name in --warehouse")
    .argument("<files...>", "files to read; - is standard input (then --input-format says what it is)")
    .option("--mode <mode>", "append or overwrite", "append")
    .option("--merge-schema", "add columns that the table does not have yet")
    .option("--input-format <format>", "parquet, arrow, jsonl or csv; by the file's name when absent")
    .option("--app-id <id>", "with --app-version: write at most once")
    .option("--app-version <n>", "with --app-id: skipped when the table has this version of the id, or a later one")
    .option("--json", "print the result as JSON")
    .action(append);
}

function append(argument: string, files: readonly string[], options: AppendOptions): Promise<void> {
  if (options.mode !== "append" && options.mode !== "overwrite") {
    throw new AlluviumError("INVALID_ARGUMENT", {}, `--mode is append or overwrite, not ${options.mode}`);
  }
  return withTable(argument, options, async (table) => {
    const input = inputFiles(files, { format: options.inputFormat });
    const { mergeSchema, appId: txnAppId, appVersion: txnVersion } = options;
    const write = { mergeSchema, txnAppId, txnVersion };
    const result = options.mode === "append" ? await table.append(input, write) : await table.overwrite(input, write);
    printResult(options, result, `version ${result.version}: ${result.rowCount} rows`);
  });
}
