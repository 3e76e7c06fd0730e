// A process that streams one table into another, as a person's program would. Arguments: folder of the tables, kind of the stream
// ("copy", "change" or "each"), trigger ("run" for ever or "drain").
import { writeSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";
import { AlluviumError, type DataStreamWriter, Session } from "../../../src/index.ts";

const [, , lake = "", kind = "", trigger = ""] = argv;

const session = await Session.open({ warehouse: lake });

function say(line: string): void {
  writeSync(1, `${line}\n`);
}

session.streams.addListener({
  onQueryProgress: ({ progress }) => {
    if (progress.numInputRows > 0) say(`batch ${progress.batchId}`);
  },
});

/** Byte copy, a change of rows into partitions, or a function that writes each batch to two tables, each once. */
async function start(): Promise<{ awaitTermination(): Promise<unknown> }> {
  const source = session.readStream.option("maxFilesPerTrigger", 2).table("source");
  const writer = (stream: DataStreamWriter): DataStreamWriter => {
    const placed = stream.option("checkpointLocation", join(lake, "checkpoint"));
    return trigger === "drain" ? placed.trigger({ availableNow: true }) : placed.trigger({ processingTime: 0 });
  };
  switch (kind) {
    case "copy":
      return writer(source.writeStream).toTable("target");
    case "change":
      return writer(source.where("id >= 0").withColumn("part", "id % 3").writeStream.partitionBy("part")).toTable(
        "target",
      );
    default:
      return writer(source.writeStream)
        .foreachBatch(async (batch, batchId) => {
          for (const name of ["other", "target"]) {
            const write = batch.write.mode("append").option("txnAppId", `each-${name}`).option("txnVersion", batchId);
            await write.saveAsTable(name);
          }
        })
        .start();
  }
}

try {
  const query = await start();
  say("started");
  await query.awaitTermination();
} catch (error) {
  say(`failed ${error instanceof AlluviumError ? error.code : String(error)}`);
  process.exitCode = 1;
}
await session.close();
