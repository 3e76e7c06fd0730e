// Log compactions that we write, as Spark and delta-rs take them. PROTOCOL.md, "Log Compaction Files".
import { cpSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { version } from "../../src/format/text/ids.ts";
import { writeCompaction } from "../../src/log/publish/write-compaction.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Lake, digits } from "./lake.ts";
import { sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

test("a table with a log compaction is the same for Spark and delta-rs, and for Spark without the commits' content", async () => {
  await using engine = localEngine();
  const table = await lake.create("compacted", { schema: "id BIGINT, part STRING", partitionBy: ["part"] });
  for (let id = 0; id < 6; id += 1) await lake.append("compacted", [{ id: String(id), part: `p${id % 2}` }]);
  await table.delete("id = 1");
  await table.delete("id = 4");
  const expected = await lake.rows("compacted");
  const path = lake.path("compacted");
  await writeCompaction(engine, path, { firstVersion: version(1), lastVersion: version(7) });
  expect(lake.log("compacted")).toContain(`${digits(1)}.${digits(7)}.compacted.json`);
  for (const peer of ["spark", "deltars"] as const)
    expect(sorted(await sharedPeer(peer).read({ path }))).toEqual(expected);

  // Who reads the compaction does not miss them.
  for (let at = 1; at <= 6; at += 1) truncateSync(join(path, "_delta_log", `${digits(at)}.json`));
  expect(await lake.rows("compacted")).toEqual(expected);
  const elsewhere = lake.path("compacted copy");
  cpSync(path, elsewhere, { recursive: true }); // Spark keeps what it read of a path
  expect(sorted(await sharedPeer("spark").read({ path: elsewhere }))).toEqual(expected);
});
