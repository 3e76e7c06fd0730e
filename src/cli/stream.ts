// cli/stream.ts: `alluvium stream`: one streaming query from table to table.
import { Command } from "commander";
import {
  AlluviumError,
  type DataFrame,
  type OutputMode,
  type Session,
  type StreamingQuery,
  type StreamingQueryProgress,
} from "../index.ts";
import { put } from "./put.ts";
import { untilSignal } from "./signals.ts";
import { type CommonOptions, isName, keyValue, nameList, tablePathOf, withSession } from "./table-argument.ts";

interface StreamOptions extends CommonOptions {
  readonly checkpoint: string;
  readonly trigger?: string;
  readonly outputMode: string;
  readonly sql?: string;
  readonly option?: Readonly<Record<string, string>>;
  readonly writeOption?: Readonly<Record<string, string>>;
  readonly partitionBy?: readonly string[];
  readonly name?: string;
  readonly watermark?: string;
  readonly json?: boolean;
}

/** Makes the command. */
export function streamCommand(): Command {
  return new Command("stream")
    .description("stream one table into another; without --trigger until Ctrl-C")
    .argument("<source>", "path, or name in --warehouse")
    .argument("<target>", "path, or name in --warehouse; made where it does not exist")
    .requiredOption("--checkpoint <dir>", "folder of the query's checkpoint")
    .option("--trigger <trigger>", 'once, available-now, or an interval such as "2 seconds"')
    .option("--output-mode <mode>", "append, complete or update", "append")
    .option("--sql <query>", '"SELECT … FROM source …"')
    .option("--option <key=value>", "an option of the source, such as ignoreDeletes=true; may be repeated", keyValue)
    .option(
      "--write-option <key=value>",
      "an option of the target, such as mergeSchema=true; may be repeated",
      keyValue,
    )
    .option("--partition-by <names>", "partition columns of a target that does not exist yet: a,b", nameList)
    .option("--name <name>", "name of the query")
    .option("--watermark <column=delay>", 'event time and how late it may be: "ts=10 minutes"')
    .option("--json", "print one progress object a batch")
    .action(stream);
}

async function stream(source: string, target: string, options: StreamOptions): Promise<void> {
  await withSession(options, async (session) => {
    const reading = session.readStream.options(options.option ?? {});
    const read = isName(source, options) ? reading.table(source) : reading.load(tablePathOf(source, options));
    const reader = options.watermark === undefined ? read : withWatermark(read, options.watermark);
    const frame = options.sql === undefined ? reader : reader.sql(options.sql, "source");
    session.streams.addListener({
      onQueryProgress: ({ progress }) => {
        // A look at the source that found nothing is no batch.
        if (progress.durationMs["addBatch"] !== undefined)
          void report(progress, options.json === true).catch(() =>
            session.streams.active.forEach((query) => void query.stop()),
          );
      },
    });
    const writer = frame.writeStream
      .outputMode(options.outputMode as OutputMode)
      .options({ ...options.writeOption, checkpointLocation: options.checkpoint });
    const named = options.name === undefined ? writer : writer.queryName(options.name);
    const placed = options.partitionBy === undefined ? named : named.partitionBy(...options.partitionBy);
    const timed = options.trigger === undefined ? placed : placed.trigger(triggerOf(options.trigger));
    await runToEnd(await timed.start(await targetPath(session, target, options)));
  });
}

/** Where a table of this name lies, or would be made. */
async function targetPath(session: Session, target: string, options: StreamOptions): Promise<string> {
  if (!isName(target, options)) return tablePathOf(target, options);
  try {
    return (await session.deltaTable(target)).path;
  } catch (error) {
    if (error instanceof AlluviumError && error.code === "TABLE_NOT_FOUND") return tablePathOf(target, options);
    throw error;
  }
}

function withWatermark(frame: DataFrame, text: string): DataFrame {
  const at = text.lastIndexOf("=");
  if (at > 0) return frame.withWatermark(text.slice(0, at).trim(), text.slice(at + 1).trim());
  throw new AlluviumError(
    "INVALID_ARGUMENT",
    { watermark: text },
    `--watermark is column=delay, such as "ts=10 minutes", not ${JSON.stringify(text)}`,
  );
}

function triggerOf(text: string): { once: true } | { availableNow: true } | { processingTime: string } {
  const word = text.toLowerCase().replaceAll(/[-_]/g, "");
  if (word === "once") return { once: true };
  return word === "availablenow" ? { availableNow: true } : { processingTime: text };
}

/** SIGINT and SIGTERM finish or abandon the batch at hand cleanly; the next start goes on from there. */
async function runToEnd(query: StreamingQuery): Promise<void> {
  using signal = untilSignal();
  const stopped = signal.received.then(() => query.stop());
  await Promise.race([query.awaitTermination(), stopped]);
  await query.awaitTermination();
}

async function report(progress: StreamingQueryProgress, asJson: boolean): Promise<void> {
  if (asJson) await put(`${JSON.stringify(progress)}\n`);
  if (!process.stderr.isTTY || progress.numInputRows === 0) return;
  const behind = progress.sources
    .map((source) => source.versionsBehind ?? 0)
    .reduce((most, one) => Math.max(most, one), 0);
  process.stderr.write(
    `batch ${progress.batchId}: ${progress.numInputRows} rows in ${progress.batchDuration} ms, ${behind} versions behind\n`,
  );
}
