// cli/tail.ts: `alluvium tail`: new rows of a table as they are committed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { AlluviumError } from "../index.ts";
import { untilSignal } from "./signals.ts";
import { type CommonOptions, isName, keyValue, tablePathOf, withSession } from "./table-argument.ts";
import { writeRows } from "./write-rows.ts";

interface TailOptions extends CommonOptions {
  readonly from?: string;
  readonly to?: string;
  readonly option?: Readonly<Record<string, string>>;
}

/** Makes the command. */
export function tailCommand(): Command {
  return new Command("tail")
    .description("print rows as JSON lines as they are committed, until Ctrl-C")
    .argument("<table>", "path, or name in --warehouse")
    .option("--from <version>", "start with this commit, or earliest for all rows; new commits only when absent")
    .option("--to <version>", "end after this commit")
    .option("--option <key=value>", "an option of the stream, such as ignoreDeletes=true; may be repeated", keyValue)
    .action(tail);
}

/** A stream into standard output; its checkpoint lives as long as the command. */
async function tail(argument: string, options: TailOptions): Promise<void> {
  const checkpoint = await mkdtemp(join(tmpdir(), "alluvium-tail-"));
  try {
    await withSession(options, async (session) => {
      const reading = session.readStream.options(sourceOptions(options));
      const isNamed = isName(argument, options);
      const frame = isNamed ? reading.table(argument) : reading.load(tablePathOf(argument, options));
      const writer = frame.writeStream.option("checkpointLocation", checkpoint).foreachBatch(async (batch) => {
        await writeRows({ schema: await batch.arrowSchema(), batches: batch.batches(), format: "jsonl" });
      });
      const query = await (options.to === undefined ? writer : writer.trigger({ availableNow: true })).start();
      using signal = untilSignal();
      await Promise.race([query.awaitTermination(), signal.received.then(() => query.stop())]);
    });
  } finally {
    await rm(checkpoint, { recursive: true, force: true });
  }
}

function sourceOptions(options: TailOptions): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries({ "--from": options.from, "--to": options.to })) {
    if (value === undefined || /^\d{1,15}$/.test(value) || (name === "--from" && value === "earliest")) continue;
    throw new AlluviumError(
      "INVALID_ARGUMENT",
      { option: name },
      `${name} takes a version from 0${name === "--from" ? ", or earliest" : ""}, not ${value}`,
    );
  }
  return {
    ...(options.from === "earliest" ? {} : { startingVersion: options.from ?? "latest" }),
    ...(options.to === undefined ? {} : { endingVersion: options.to }),
    ...options.option,
  };
}
