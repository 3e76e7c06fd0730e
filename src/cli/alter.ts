// cli/alter.ts: `alluvium alter`: changes a table's columns, properties, constraints and protocol, as ALTER TABLE does.
import { Command } from "commander";
import { printResult } from "./print-result.ts";
import { type CommonOptions, tablePathOf, withSession } from "./table-argument.ts";

interface AlterOptions extends CommonOptions {
  readonly json?: boolean;
}

/** Makes the command. */
export function alterCommand(): Command {
  return new Command("alter")
    .description("change columns, properties, constraints or clustering of a table, one commit for each change")
    .argument("<table>", "path, or name in --warehouse")
    .argument(
      "<change...>",
      'what follows ALTER TABLE name, each in quotes: "ADD COLUMN price DECIMAL(10,2)", "RENAME COLUMN a TO b", "SET TBLPROPERTIES (\'delta.appendOnly\' = \'true\')"',
    )
    .option("--json", "print the result as JSON")
    .action(alter);
}

function alter(argument: string, changes: readonly string[], options: AlterOptions): Promise<void> {
  return withSession(options, async (session) => {
    const path = tablePathOf(argument, options);
    const name = `delta.\`${path.replaceAll("`", "``")}\``;
    for (const change of changes) await session.sql(`ALTER TABLE ${name} ${change}`);
    const { version } = await session.deltaTableAt(path);
    printResult(options, { version });
  });
}
