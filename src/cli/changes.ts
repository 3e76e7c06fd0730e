// cli/changes.ts: `alluvium changes`: the change data feed of a table.
import { Command } from "commander";
import { AlluviumError } from "../index.ts";
import { type CommonOptions, withTable } from "./table-argument.ts";
import { type RowFormat, rowFormat, rowFormats, writeRows } from "./write-rows.ts";

interface ChangesOptions extends CommonOptions {
  readonly from: number | string;
  readonly to?: number | string;
  readonly format: RowFormat;
  readonly output?: string;
}

/** Makes the command. */
export function changesCommand(): Command {
  return new Command("changes")
    .description("print the rows that were inserted, updated and deleted, commit by commit")
    .argument("<table>", "path, or name in --warehouse")
    .requiredOption("--from <version>", "first version, or a time (ISO 8601, UTC)", point("--from"))
    .option("--to <version>", "last version, or a time; the latest version when absent", point("--to"))
    .option("--format <format>", rowFormats.join(", "), rowFormat, "table" as RowFormat)
    .option("--output <file>", "write there instead of to standard output")
    .action(changes);
}

function changes(argument: string, options: ChangesOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const feed = table.changes(options);
    await writeRows({ ...options, schema: await feed.arrowSchema(), batches: feed.batches() });
  });
}

/** Digits are a version, all else is a time. */
function point(name: string): (text: string) => number | string {
  return (text) => {
    if (/^\d{1,15}$/.test(text)) return Number(text);
    if (/^[+-]?\d*$/.test(text)) {
      throw new AlluviumError(
        "INVALID_ARGUMENT",
        { option: name },
        `${name} takes a version from 0 or a time, not ${text}`,
      );
    }
    return text;
  };
}
