// cli/sql.ts: `alluvium sql`: any statement; with --follow a query that stays and changes as rows come.
import { Command } from "commander";
import { AlluviumError, type DataFrame, type LiveUpdate } from "../index.ts";
import { jsonText, plainText } from "./json-text.ts";
import { untilSignal } from "./signals.ts";
import { type CommonOptions, withSession } from "./table-argument.ts";
import { type RowFormat, gridText, rowFormat, rowFormats, writeRows } from "./write-rows.ts";

interface SqlOptions extends CommonOptions {
  readonly format: RowFormat;
  readonly output?: string;
  readonly follow?: boolean;
}

/** Makes the command. */
export function sqlCommand(): Command {
  return new Command("sql")
    .description("run a statement in Spark's SQL; tables are names in --warehouse, or delta.`/path`")
    .argument("<query>", "the statement")
    .option("--format <format>", rowFormats.join(", "), rowFormat, "table" as RowFormat)
    .option("--output <file>", "write there instead of to standard output")
    .option("--follow", "read the tables as streams and show what changes, until Ctrl-C; as a table, or as jsonl")
    .action(runSql);
}

function runSql(query: string, options: SqlOptions): Promise<void> {
  if (options.follow === true && (options.output !== undefined || !["table", "jsonl"].includes(options.format))) {
    const message =
      "--follow shows changes on standard output, as --format table or jsonl; leave --output and other formats out";
    throw new AlluviumError("INVALID_ARGUMENT", { option: "--follow" }, message);
  }
  return withSession(options, async (session) => {
    const frame = await session.sql(query, { asStream: options.follow === true });
    if (options.follow === true && frame.isStreaming) return follow(frame, options.format);
    await writeRows({ ...options, schema: await frame.arrowSchema(), batches: frame.batches() });
  });
}

async function follow(frame: DataFrame, format: RowFormat): Promise<void> {
  const { names } = await frame.arrowSchema();
  const updates = frame.live();
  using signal = untilSignal();
  const stopped = signal.received.then(() => null);
  try {
    for (;;) {
      const next = await Promise.race([updates.next(), stopped]);
      if (next === null || next.done === true) return;
      print(next.value, names.map(String), format);
    }
  } finally {
    await updates.return();
  }
}

function print({ rows, outputMode }: LiveUpdate, names: readonly string[], format: RowFormat): void {
  if (format === "jsonl") {
    for (const row of rows) process.stdout.write(`${jsonText(row)}\n`);
    return;
  }
  // The whole result takes the place of the one before on a terminal.
  if (outputMode === "complete" && process.stdout.isTTY) process.stdout.write("\u001b[2J\u001b[H");
  process.stdout.write(
    gridText(
      names,
      rows.map((row) => names.map((name) => plainText(row[name]))),
    ),
  );
}
