// cli/fsck.ts: `alluvium fsck`: the files of a table that are not on disk.
import { Command } from "commander";
import { jsonText } from "./json-text.ts";
import { put } from "./put.ts";
import { type CommonOptions, wholeNumber, withTable } from "./table-argument.ts";

interface FsckOptions extends CommonOptions {
  readonly version?: number;
  readonly json?: boolean;
}

/** Makes the command. */
export function fsckCommand(): Command {
  return new Command("fsck")
    .description("look for files of a table that are not on disk; nothing is changed")
    .argument("<table>", "path, or name in --warehouse")
    .option("--version <n>", "at this version", wholeNumber("--version"))
    .option("--dry-run", "only report, which is all that this command does")
    .option("--json", "as JSON")
    .action(fsck);
}

function fsck(argument: string, options: FsckOptions): Promise<void> {
  return withTable(argument, options, async (table) => {
    const result = await table.fsck();
    if (options.json === true) await put(`${jsonText(result)}\n`);
    else {
      const lines = result.missingFiles.map((path) => `missing: ${path}\n`).join("");
      const count = result.missingFiles.length === 0 ? "no file is" : `${result.missingFiles.length} files are`;
      await put(`${lines}version ${result.version}: ${count} missing\n`);
    }
  });
}
