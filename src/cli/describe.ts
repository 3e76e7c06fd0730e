// cli/describe.ts: `alluvium describe`: what the log says about a table.
import { Command } from "commander";
import { formatType } from "../index.ts";
import { jsonText, plainText } from "./json-text.ts";
import { put } from "./put.ts";
import { type CommonOptions, wholeNumber, withTable } from "./table-argument.ts";

interface DescribeOptions extends CommonOptions {
  readonly json?: boolean;
  readonly version?: number;
  readonly timestamp?: string;
}

/** Makes the command. */
export function describeCommand(): Command {
  return new Command("describe")
    .description("print a table's columns, properties and size")
    .argument("<table>", "path, or name in --warehouse")
    .option("--version <n>", "at this version", wholeNumber("--version"))
    .option("--timestamp <time>", "at the newest version of this time or before (ISO 8601, UTC)")
    .option("--json", "as JSON")
    .action(describe);
}

function describe(argument: string, options: DescribeOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const detail = await table.detail();
    if (options.json === true) await put(`${jsonText(detail)}\n`);
    else {
      const columns = table.schema.fields.map(
        (field) => `  ${field.name} ${formatType(field.type)}${field.nullable ? "" : " NOT NULL"}\n`,
      );
      const facts = Object.entries(detail)
        .filter(([name]) => name !== "schema")
        .map(
          ([name, value]) =>
            `${name.padEnd(18)}${name === "timestamp" ? new Date(Number(value)).toISOString() : plainText(value)}\n`,
        );
      await put(`${facts.join("")}columns\n${columns.join("")}`);
    }
  });
}
