// cli/history.ts: `alluvium history`: commits, newest first.
import { Command } from "commander";
import { jsonText } from "./json-text.ts";
import { put } from "./put.ts";
import { type CommonOptions, wholeNumber, withTable } from "./table-argument.ts";
import { gridText } from "./write-rows.ts";

interface HistoryOptions extends CommonOptions {
  readonly json?: boolean;
  readonly limit?: number;
}

/** Makes the command. */
export function historyCommand(): Command {
  return new Command("history")
    .description("print a table's commits, newest first")
    .argument("<table>", "path, or name in --warehouse")
    .option("--limit <n>", "at most this many commits", wholeNumber("--limit"))
    .option("--json", "as JSON")
    .action(history);
}

function history(argument: string, options: HistoryOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const entries = await table.history(options.limit);
    if (options.json === true) return await put(`${jsonText(entries)}\n`);
    const lines = entries.map((entry) => [
      String(entry.version),
      new Date(entry.timestamp).toISOString(),
      entry.operation ?? "",
      jsonText(entry.operationMetrics ?? {}),
      entry.engineInfo ?? "",
    ]);
    await put(gridText(["version", "timestamp", "operation", "metrics", "engine"], lines));
  });
}
