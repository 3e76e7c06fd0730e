// examples/main-job/stream-process.ts: the streaming process of the main job; its parent kills it as it likes.
import { Session } from "../../src/index.ts";
import { type StreamSettings, transformed } from "./pipeline.ts";

const settings = JSON.parse(process.argv[2] ?? "{}") as StreamSettings;

await using spark = await Session.open({ warehouse: settings.warehouse });

spark.streams.addListener({
  onQueryProgress: ({ progress }) => {
    const [source] = progress.sources;
    process.send?.({
      kind: "progress",
      batchId: progress.batchId,
      rowCount: progress.numInputRows,
      version: source?.lastConsumedVersion ?? null,
    });
  },
});

const reader = spark.readStream.option("maxFilesPerTrigger", settings.maxFilesPerTrigger);
const source = (settings.ignoreDeletes ? reader.option("ignoreDeletes", true) : reader).table("flights");

const query = await transformed(source)
  .writeStream.queryName("long_haul")
  .option("checkpointLocation", settings.checkpoint)
  .partitionBy("month")
  .toTable("long_haul");

process.on("message", (message) => {
  if (message === "stop") void query.stop();
});

try {
  await query.awaitTermination();
} catch (error) {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = (cause as { code?: unknown }).code;
  process.send?.({ kind: "failed", code: String(code), message: String((cause as Error).message) });
  process.exitCode = 1;
}
process.disconnect?.();
