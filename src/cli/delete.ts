// cli/delete.ts: `alluvium delete`: removes the rows for which a predicate is true.
import { Command } from "commander";
import { AlluviumError } from "../index.ts";
import { printResult } from "./print-result.ts";
import { type CommonOptions, withTable } from "./table-argument.ts";

interface DeleteOptions extends CommonOptions {
  readonly where?: string;
  readonly all?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** Makes the command. */
export function deleteCommand(): Command {
  return new Command("delete")
    .description("delete rows, in one commit")
    .argument("<table>", "path, or name in --warehouse")
    .option("--where <sql>", "rows for which this is true (Spark SQL)")
    .option("--all", "every row")
    .option("--dry-run", "only count the rows")
    .option("--json", "print the result as JSON")
    .action(remove);
}

function remove(argument: string, options: DeleteOptions): Promise<void> {
  if ((options.where === undefined) === (options.all !== true)) {
    throw new AlluviumError("INVALID_ARGUMENT", {}, "give --where SQL, or --all for every row");
  }
  return withTable(argument, options, async (table) => {
    if (options.dryRun === true) {
      let rowCount = 0n;
      for await (const batch of table.batches({ where: options.where })) rowCount += BigInt(batch.numRows);
      printResult(options, { version: table.version, deletedRowCount: rowCount, dryRun: true });
      return;
    }
    printResult(options, await table.delete(options.where));
  });
}
