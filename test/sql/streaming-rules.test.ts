// The matrix of output mode by query shape, cell by cell: streaming.md, section 5. OM, UO and the rest are Spark's error classes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Session } from "../../src/session/door/session.ts";
import type { DataFrame } from "../../src/session/frame/data-frame.ts";
import { bookSession, errorOf } from "../session/books.ts";
import { type Shape, type Verdicts, modes, shapes } from "./stream-shapes.ts";

async function streams(): Promise<Session> {
  const spark = await bookSession();
  for (const name of ["te", "tf", "s"]) await spark.sql(`CREATE TABLE ${name} (k STRING, v INT, ts TIMESTAMP)`);
  for (const name of ["e", "f"]) {
    const frame = spark.readStream.table(`t${name}`);
    frame.createOrReplaceTempView(name);
    frame.withWatermark("ts", "10 seconds").createOrReplaceTempView(`w${name}`);
  }
  return spark;
}

async function starts(frame: DataFrame, outputMode: "append" | "complete" | "update"): Promise<string> {
  const checkpointLocation = temporaryFolder();
  const writer = frame.writeStream
    .outputMode(outputMode)
    .trigger({ availableNow: true })
    .option("checkpointLocation", checkpointLocation);
  const started = writer.foreachBatch(() => undefined).start();
  return codeOf(await errorOf(started.then((query) => query.stop())));
}

const codeOf = (error: string): string => (error === "no error" ? "ok" : (error.split(":")[0] ?? ""));

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "alluvium-rules-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Methods {
  readonly [method: string]: ((...args: readonly unknown[]) => DataFrame) | undefined;
}

async function frameOf(spark: Session, { sql, steps }: Shape): Promise<DataFrame> {
  return steps.reduce<DataFrame>(
    (frame, [method, ...args]) => {
      const made = (frame as unknown as Methods)[method]?.apply(frame, args);
      if (made === undefined) throw new Error(`DataFrame has no ${method}`);
      return made;
    },
    await spark.sql(sql),
  );
}

test("every shape of query runs or is refused in every output mode as in Spark", { timeout: 240_000 }, async () => {
  const spark = await streams();
  const found: [string, string, ...Verdicts][] = [];
  for (const shape of shapes) {
    // A query that no mode can run is refused before it is started, with what Spark says of append mode.
    const refusal = codeOf(await errorOf(frameOf(spark, shape)));
    const verdicts = shape.ours.includes("ok") || refusal === "ok" ? [] : [refusal, ...shape.ours.slice(1)];
    for (const mode of verdicts.length > 0 ? [] : modes)
      verdicts.push(refusal === "ok" ? await starts(await frameOf(spark, shape), mode) : refusal);
    found.push([shape.name, shape.sql, ...(verdicts as unknown as Verdicts)]);
  }
  expect(found).toEqual(shapes.map(({ name, sql, ours }) => [name, sql, ...ours]));
});
