// cli/main.ts: the command line: what commands there are, and how a failure is told.
import { Command, CommanderError } from "commander";
import { AlluviumError, version } from "../index.ts";
import { alterCommand } from "./alter.ts";
import { appendCommand } from "./append.ts";
import { catCommand } from "./cat.ts";
import { changesCommand } from "./changes.ts";
import { createCommand } from "./create.ts";
import { deleteCommand } from "./delete.ts";
import { describeCommand } from "./describe.ts";
import { fsckCommand } from "./fsck.ts";
import { historyCommand } from "./history.ts";
import { mergeCommand } from "./merge.ts";
import { isBrokenPipe } from "./put.ts";
import { sqlCommand } from "./sql.ts";
import { streamCommand } from "./stream.ts";
import { tailCommand } from "./tail.ts";
import { updateCommand } from "./update.ts";

const exitFailed = 1;
const exitUsage = 2;

/**
 * Runs one command.
 * @param argv arguments after the program's name
 * @returns exit status: 0 on success, 1 on a failed operation, 2 on wrong usage
 */
export async function main(argv: readonly string[]): Promise<number> {
  const program = alluvium();
  try {
    await program.parseAsync([...argv], { from: "user" });
    return 0;
  } catch (error) {
    return report(error, argv.includes("--verbose"));
  }
}

function alluvium(): Command {
  const program = new Command("alluvium")
    .description("Delta Lake tables and exactly-once streams between them")
    .option("--warehouse <dir>", "folder in which TABLE may be a name")
    .option("--verbose", "add the stack to an error")
    .version(version)
    .enablePositionalOptions() // `--version` behind a command is the command's own
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .showSuggestionAfterError();
  const commands = [
    catCommand,
    describeCommand,
    historyCommand,
    changesCommand,
    createCommand,
    appendCommand,
    alterCommand,
    deleteCommand,
    updateCommand,
    mergeCommand,
    sqlCommand,
    streamCommand,
    tailCommand,
    fsckCommand,
  ];
  for (const make of commands) {
    const command = make();
    command
      .option("--warehouse <dir>", "folder in which TABLE may be a name")
      .option("--verbose", "add the stack to an error")
      .exitOverride()
      .configureOutput({ writeErr: () => {} });
    program.addCommand(command);
  }
  // `alluvium --warehouse DIR cat books` is the same as `alluvium cat books --warehouse DIR`.
  program.hook("preAction", (_, command) => {
    const { warehouse } = program.opts<{ readonly warehouse?: string }>();
    if (warehouse !== undefined && command.getOptionValue("warehouse") === undefined) {
      command.setOptionValue("warehouse", warehouse);
    }
  });
  return program;
}

function report(error: unknown, verbose: boolean): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return 0;
    const message =
      error.code === "commander.help"
        ? "name a command; `alluvium --help` lists them"
        : error.message.replace(/^error: /, "");
    process.stderr.write(`error: INVALID_ARGUMENT: ${oneLine(message)}\n`);
    return exitUsage;
  }
  if (isBrokenPipe(error)) return 0;
  const code = error instanceof AlluviumError ? error.code : "INTERNAL_ERROR";
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`error: ${code}: ${oneLine(message)}\n`);
  if (verbose && error instanceof Error) process.stderr.write(`${stackOf(error)}\n`);
  return exitFailed;
}

const oneLine = (text: string): string => text.replaceAll(/\s*[\r\n]+\s*/g, " ").trim() || "no message";

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : "";
  return `${error.stack ?? error.message}${cause}`;
}
