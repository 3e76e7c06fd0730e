// cli/create.ts: `alluvium create`: a new table from Delta's schema JSON.
import { Command } from "commander";
import { printResult } from "./print-result.ts";
import { readInput } from "./read-input.ts";
import { type CommonOptions, isName, keyValue, nameList, tablePathOf, withSession } from "./table-argument.ts";

interface CreateOptions extends CommonOptions {
  readonly schema: string;
  readonly partitionBy?: readonly string[];
  readonly property?: Readonly<Record<string, string>>;
  readonly comment?: string;
  readonly json?: boolean;
}

/** Makes the command. */
export function createCommand(): Command {
  return new Command("create")
    .description("make a new, empty table")
    .argument("<table>", "path, or name in --warehouse")
    .requiredOption("--schema <file>", "Delta's schema JSON, or columns as in CREATE TABLE; - is standard input")
    .option("--partition-by <names>", "partition columns: a,b", nameList)
    .option("--property <key=value>", "a table property; may be repeated", keyValue)
    .option("--comment <text>", "what the table is for")
    .option("--json", "print the result as JSON")
    .action(create);
}

function create(argument: string, options: CreateOptions): Promise<void> {
  return withSession(options, async (session) => {
    const schema = new TextDecoder().decode(await readInput(options.schema));
    const { partitionBy, property: properties, comment } = options;
    const definition = { schema, partitionBy, properties, comment };
    const table = isName(argument, options)
      ? await session.createTable(argument, definition)
      : await session.createTableAt(tablePathOf(argument, options), definition);
    printResult(options, { path: table.path, version: table.version });
  });
}
