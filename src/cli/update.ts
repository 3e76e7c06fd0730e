// cli/update.ts: `alluvium update`: gives the rows for which a predicate is true new values.
import { Command } from "commander";
import { AlluviumError } from "../index.ts";
import { printResult } from "./print-result.ts";
import { type CommonOptions, withTable } from "./table-argument.ts";

interface UpdateOptions extends CommonOptions {
  readonly set: readonly string[];
  readonly where?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Makes the command. */
export function updateCommand(): Command {
  return new Command("update")
    .description("give rows new values, in one commit")
    .argument("<table>", "path, or name in --warehouse")
    .requiredOption("--set <column=sql...>", "a column and its new value (Spark SQL); may be given more than once")
    .option("--where <sql>", "rows for which this is true (Spark SQL)")
    .option("--all", "every row")
    .option("--dry-run", "only count the rows")
    .option("--json", "print the result as JSON")
    .action(update);
}

function update(argument: string, options: UpdateOptions): Promise<void> {
  if ((options.where === undefined) === (options.all !== true)) {
    throw new AlluviumError("INVALID_ARGUMENT", {}, "give --where SQL, or --all for every row");
  }
  const { where } = options;
  const set = Object.fromEntries(options.set.map(assignment));
  return withTable(argument, options, async (table) => {
    if (options.dryRun !== true) return printResult(options, await table.update({ set, where }));
    let rowCount = 0n;
    for await (const batch of table.batches({ where })) rowCount += BigInt(batch.numRows);
    printResult(options, { version: table.version, updatedRowCount: rowCount, dryRun: true });
  });
}

/** `column=expression` of an option. @throws AlluviumError `INVALID_ARGUMENT` for anything else */
export function assignment(text: string): readonly [column: string, expression: string] {
  const at = text.indexOf("=");
  if (at > 0) return [text.slice(0, at).trim(), text.slice(at + 1)];
  throw new AlluviumError("INVALID_ARGUMENT", { value: text }, `a new value is column=expression, not ${text}`);
}
