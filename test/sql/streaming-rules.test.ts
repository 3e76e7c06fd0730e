// The matrix of output mode by query shape, cell by cell: streaming.md, section 5. OM, UO and the rest are Spark's error classes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Session } from "../../src/session/session.ts";
import type { DataFrame } from "../../src/session/data-frame.ts";
import { bookSession, errorOf } from "../session/books.ts";

const OM = "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION";
const UO = "_LEGACY_ERROR_TEMP_3102";
const window = "window(ts, '5 seconds')";

interface Shape {
  readonly name: string;
  /** `e` and `f` are streams, `we` and `wf` the same with a watermark of 10 seconds on ts, `s` is a static table. */
  readonly sql: string;
  readonly append: string;
  readonly complete: string;
  readonly update: string;
}

const shape = (name: string, sql: string, [append, complete, update]: readonly [string, string, string]): Shape => ({
  name,
  sql,
  append,
  complete,
  update,
});

const shapes: readonly Shape[] = [
  shape("projection and filter", "SELECT k, upper(k) AS u FROM e WHERE v > 1", ["ok", OM, "ok"]),
  shape("LATERAL VIEW", "SELECT x FROM e LATERAL VIEW explode(array(v, v)) t AS x", ["ok", OM, "ok"]),
  shape("IN over a static table", "SELECT * FROM e WHERE k IN (SELECT k FROM s)", ["ok", OM, "ok"]),
  shape("NOT EXISTS over a static table", "SELECT * FROM e WHERE NOT EXISTS (SELECT 1 FROM s WHERE s.k = e.k)", [
    "ok",
    OM,
    "ok",
  ]),
  shape("GROUP BY key", "SELECT k, count(*) AS n FROM e GROUP BY k", [OM, "ok", "ok"]),
  shape("global aggregate", "SELECT sum(v) AS t FROM e", [OM, "ok", "ok"]),
  shape("HAVING", "SELECT k, count(*) AS n FROM e GROUP BY k HAVING count(*) > 1", [OM, "ok", "ok"]),
  shape("aggregate of a WITH query", "WITH c AS (SELECT k FROM e) SELECT k, count(*) AS n FROM c GROUP BY k", [
    OM,
    "ok",
    "ok",
  ]),
  shape("GROUP BY key, watermark not in the key", "SELECT k, count(*) AS n FROM we GROUP BY k", [OM, "ok", "ok"]),
  shape("window without watermark", `SELECT window, count(*) AS n FROM e GROUP BY ${window}`, [OM, "ok", "ok"]),
  shape("window with watermark", `SELECT window, count(*) AS n FROM we GROUP BY ${window}`, ["ok", "ok", "ok"]),
  shape("the watermarked column", "SELECT ts, count(*) AS n FROM we GROUP BY ts", ["ok", "ok", "ok"]),
  shape(
    "a key derived from the watermarked column",
    "SELECT date_trunc('HOUR', ts) AS h, count(*) AS n FROM we GROUP BY date_trunc('HOUR', ts)",
    [OM, "ok", "ok"],
  ),
  shape(
    "session window, key, watermark",
    "SELECT k, session_window, count(*) AS n FROM we GROUP BY k, session_window(ts, '5 seconds')",
    ["ok", "ok", OM],
  ),
  shape(
    "session window, key, no watermark",
    "SELECT k, session_window, count(*) AS n FROM e GROUP BY k, session_window(ts, '5 seconds')",
    [OM, "ok", OM],
  ),
  shape(
    "session window alone",
    "SELECT session_window, count(*) AS n FROM we GROUP BY session_window(ts, '5 seconds')",
    ["_LEGACY_ERROR_TEMP_3068", "_LEGACY_ERROR_TEMP_3068", OM],
  ),
  shape("ROLLUP", "SELECT k, v, count(*) AS n FROM e GROUP BY ROLLUP(k, v)", [OM, "ok", "ok"]),
  shape("collect_set", "SELECT k, collect_set(v) AS l FROM e GROUP BY k", [OM, "ok", "ok"]),
  shape("aggregate, then DISTINCT", "SELECT DISTINCT n FROM (SELECT k, count(*) AS n FROM e GROUP BY k)", [
    OM,
    "ok",
    "ok",
  ]),
  shape("DISTINCT, then aggregate", "SELECT count(*) AS n FROM (SELECT DISTINCT k FROM e)", [OM, "ok", "ok"]),
  shape(
    "window aggregate of a window aggregate",
    `SELECT window, sum(n) AS t FROM (SELECT window AS w, count(*) AS n FROM we GROUP BY ${window}) GROUP BY window(window_time(w), '10 seconds')`,
    ["ok", UO, UO],
  ),
  shape("aggregate of an aggregate", "SELECT max(n) AS m FROM (SELECT k, count(*) AS n FROM e GROUP BY k)", [
    OM,
    UO,
    UO,
  ]),
  shape("DISTINCT", "SELECT DISTINCT k FROM e", ["ok", OM, "ok"]),
  shape("ORDER BY", "SELECT * FROM e ORDER BY k", [UO, OM, UO]),
  shape("ORDER BY and LIMIT", "SELECT * FROM e ORDER BY k LIMIT 2", [UO, OM, UO]),
  shape("aggregate, then ORDER BY", "SELECT k, count(*) AS n FROM e GROUP BY k ORDER BY n", [OM, "ok", UO]),
  shape("LIMIT", "SELECT * FROM e LIMIT 2", ["ok", OM, UO]),
  shape("aggregate, then LIMIT", "SELECT k, count(*) AS n FROM e GROUP BY k LIMIT 2", [OM, "ok", UO]),
  shape("stream JOIN static", "SELECT e.k, s.v FROM e JOIN s ON e.k = s.k", ["ok", OM, "ok"]),
  shape("stream LEFT JOIN static", "SELECT e.k, s.v FROM e LEFT JOIN s ON e.k = s.k", ["ok", OM, "ok"]),
  shape("stream LEFT ANTI JOIN static", "SELECT e.k FROM e LEFT ANTI JOIN s ON e.k = s.k", ["ok", OM, "ok"]),
  shape("stream RIGHT JOIN static", "SELECT e.k, s.v FROM e RIGHT JOIN s ON e.k = s.k", [UO, OM, UO]),
  shape("static RIGHT JOIN stream", "SELECT e.k, s.v FROM s RIGHT JOIN e ON e.k = s.k", ["ok", OM, "ok"]),
  shape("static LEFT JOIN stream", "SELECT e.k, s.v FROM s LEFT JOIN e ON e.k = s.k", [UO, OM, UO]),
  shape("stream JOIN static, then aggregate", "SELECT s.v, count(*) AS n FROM e JOIN s ON e.k = s.k GROUP BY s.v", [
    OM,
    "ok",
    "ok",
  ]),
  shape("stream JOIN stream", "SELECT e.k, f.v FROM e JOIN f ON e.k = f.k", ["ok", OM, "ok"]),
  shape("stream JOIN stream without equality", "SELECT e.k, f.v FROM e JOIN f ON e.v < f.v", [
    "_LEGACY_ERROR_TEMP_1181",
    OM,
    "_LEGACY_ERROR_TEMP_1181",
  ]),
  shape(
    "outer stream join, watermarks, range",
    "SELECT a.k, b.v FROM we a LEFT JOIN wf b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '10 seconds'",
    ["ok", OM, UO],
  ),
  shape("outer stream join without watermark", "SELECT e.k, f.v FROM e LEFT JOIN f ON e.k = f.k", [UO, OM, UO]),
  shape(
    "semi stream join, watermarks, range",
    "SELECT a.k FROM we a LEFT SEMI JOIN wf b ON a.k = b.k AND b.ts BETWEEN a.ts AND a.ts + INTERVAL '10 seconds'",
    ["ok", OM, "ok"],
  ),
  shape("anti stream join", "SELECT e.k FROM e LEFT ANTI JOIN f ON e.k = f.k", [UO, OM, UO]),
  shape("union of streams", "SELECT k FROM e UNION ALL SELECT k FROM f", ["ok", OM, "ok"]),
  shape("union of a stream and a static table", "SELECT k FROM e UNION ALL SELECT k FROM s", [UO, OM, UO]),
  shape("INTERSECT", "SELECT k FROM e INTERSECT SELECT k FROM s", [UO, OM, UO]),
  shape("row_number()", "SELECT row_number() OVER (PARTITION BY k ORDER BY v) AS r FROM e", [
    "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
    OM,
    "NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING",
  ]),
];

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

test("every shape of query runs or is refused in every output mode as in Spark", { timeout: 240_000 }, async () => {
  const spark = await streams();
  for (const expected of shapes) {
    const { name, sql } = expected;
    // A query that no mode can run is refused before it is started, with what Spark says of append mode.
    const refusal = codeOf(await errorOf(spark.sql(sql)));
    if (refusal !== "ok") {
      const runs = [expected.append, expected.complete, expected.update].includes("ok");
      expect({ name, append: expected.append, runs }).toEqual({ name, append: refusal, runs: false });
      continue;
    }
    const frame = await spark.sql(sql);
    const found = {
      name,
      sql,
      append: await starts(frame, "append"),
      complete: await starts(frame, "complete"),
      update: await starts(frame, "update"),
    };
    expect(found).toEqual(expected);
  }
});
