// Checkpoints, their hint and version checksums that we write, as Spark and delta-rs use them.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Lake, digits } from "./lake.ts";
import { type PeerName, type PeerRow, sharedPeer } from "./peer.ts";
import { sorted } from "./peer-value.ts";

const peers: readonly PeerName[] = ["spark", "deltars"];
const spark = sharedPeer("spark");
let lake: Lake;

beforeAll(async () => {
  lake = await Lake.open();
});

afterAll(async () => {
  await lake[Symbol.asyncDispose]();
});

const forms = [
  { asJson: "true", asStruct: "true" },
  { asJson: "false", asStruct: "true" },
  { asJson: "true", asStruct: "false" },
  { asJson: "false", asStruct: "false" },
] as const;
const schema =
  "id BIGINT, price DECIMAL(20,3), ratio DOUBLE, day DATE, at TIMESTAMP, name STRING, ok BOOLEAN, raw BINARY, " +
  "geo STRUCT<lat: FLOAT, label: STRING>, tags ARRAY<STRING>, part DATE, kind STRING";

const rowOf = (n: number): PeerRow => ({
  id: String(n),
  price: `${n * 1000}.125`,
  ratio: n === 3 ? "NaN" : n / 4,
  day: `2024-01-${String(n + 1).padStart(2, "0")}`,
  at: `1969-12-${String(n + 10).padStart(2, "0")}T23:59:59.123456Z`,
  name: `${"ü".repeat(40)} ${n}`,
  ok: n % 2 === 0,
  raw: "00ff",
  geo: n === 4 ? null : { lat: n / 2, label: `label ${n}` },
  tags: [String(n), null],
  part: n % 3 === 0 ? null : `2024-02-0${n % 3}`,
  kind: n % 2 === 0 ? "a b/c" : null,
});

describe.each(forms)("a checkpoint with statistics as JSON: $asJson, as struct: $asStruct", ({ asJson, asStruct }) => {
  const name = `checkpoint ${asJson} ${asStruct}`;
  let expected: readonly PeerRow[] = [];

  beforeAll(async () => {
    const properties = {
      "delta.checkpoint.writeStatsAsJson": asJson,
      "delta.checkpoint.writeStatsAsStruct": asStruct,
    };
    const table = await lake.create(name, { schema, partitionBy: ["part", "kind"], properties });
    for (let n = 0; n < 9; n += 1) await lake.append(name, [rowOf(n)]);
    await table.delete("id = 8");
    await lake.append(name, [rowOf(20)]);
    expected = await lake.rows(name);
    // It is written beside the appends.
    const isWritten = (): void => expect(lake.log(name)).toContain(`${digits(10)}.checkpoint.parquet`);
    await vi.waitFor(isWritten, { timeout: 60_000 });
    lake.forgetBefore(name, 10);
  });

  test("alone is enough for us", async () => {
    expect(expected).toHaveLength(9);
    expect(await lake.rows(name)).toEqual(expected);
  });

  test.each(peers)("is enough for %s, too", async (peer) => {
    const path = lake.path(name);
    expect(sorted(await sharedPeer(peer).read({ path }))).toEqual(expected);
    expect(sorted(await sharedPeer(peer).read({ path, version: 10 }))).toEqual(
      expected.filter((row) => row["id"] !== "20"),
    );
  });

  test("lets Spark skip files by its statistics", async () => {
    const path = lake.path(name);
    const hasStats = asJson === "true" || asStruct === "true";
    const wheres = [
      "id >= 6",
      "price < 2000",
      "day > DATE'2024-01-06'",
      "at < TIMESTAMP'1969-12-13 00:00:00Z'",
      "geo.lat > 2.6",
    ];
    const left = await spark.execute(
      "result = [len(frame({'path': args['path'], 'where': w, 'version': 10}).inputFiles()) for w in args['wheres']]",
      { path, wheres },
    );
    expect(left).toEqual(hasStats ? [2, 2, 2, 3, 2] : [8, 8, 8, 8, 8]);
    expect(
      await spark.filesRead({ path, where: "part = DATE'2024-02-01' AND kind IS NULL", version: 10 }),
    ).toHaveLength(2);
  });

  test("is continued by Spark", async () => {
    const path = lake.path(name);
    await spark.execute('spark.sql(f"DELETE FROM {quoted(args)} WHERE id IN (1, 20)")', path);
    expect(await lake.rows(name)).toEqual(expected.filter((row) => row["id"] !== "1" && row["id"] !== "20"));
  });
});

describe("version checksums", () => {
  // What Spark does after a commit with a checksum beside it, and the checksum that it would have written itself.
  const checked = async (name: string): Promise<unknown> =>
    await spark.execute(
      `
delta_log.clearCache()
snapshot = delta_log.forTable(spark._jsparkSession, args).unsafeVolatileSnapshot()
nothing = getattr(getattr(spark._jvm, "scala.collection.immutable.Map$"), "MODULE$").empty()
result = snapshot.checksumOpt().isDefined() and snapshot.validateChecksum(nothing)
`,
      lake.path(name),
    );
  const sumPath = (name: string, version: number): string =>
    join(lake.path(name), "_delta_log", `${digits(version)}.crc`);

  test("of every kind of commit are accepted by Spark", async () => {
    const table = await lake.create("sums", { schema: "id BIGINT, part STRING", partitionBy: ["part"] });
    expect(await checked("sums")).toBe(true);
    const steps: readonly (() => Promise<unknown>)[] = [
      () =>
        table.append([
          { id: 1n, part: "a" },
          { id: 2n, part: "b" },
        ]),
      () => table.append([{ id: 3n, part: "c" }], { txnAppId: "app", txnVersion: 7 }),
      () => table.delete("part = 'a'"),
      () => table.delete("id = 2"),
      () => table.overwrite([{ id: 4n, part: null, more: 1 }], { overwriteSchema: true }),
    ];
    for (const [index, step] of steps.entries()) {
      await step();
      expect(lake.log("sums")).toContain(`${digits(index + 1)}.crc`);
      expect(await checked("sums"), `version ${index + 1}`).toBe(true);
    }
  });

  test("that lie are refused by Spark, which shows that it looks", async () => {
    const sum = JSON.parse(readFileSync(sumPath("sums", 5), "utf8")) as Record<string, unknown>;
    writeFileSync(sumPath("sums", 5), JSON.stringify({ ...sum, numFiles: 7 }));
    await expect(checked("sums")).rejects.toThrow(/numFiles|checksum|corrupt/i);
    await expect(lake.rows("sums")).rejects.toMatchObject({ code: "CORRUPT_LOG" });
  });

  test("of ours and of Spark's for the same kind of commit agree", async () => {
    await lake.create("both", { schema: "id BIGINT" });
    await lake.append("both", [{ id: "1" }]);
    const path = lake.path("both");
    const one = { type: "struct", fields: [{ name: "id", type: "long", nullable: true, metadata: {} }] };
    await spark.write({ path, rows: [{ id: "2" }], schema: one, mode: "append" });
    const [ours, theirs] = [1, 2].map((version) => JSON.parse(readFileSync(sumPath("both", version), "utf8")) as Sum);
    if (ours === undefined || theirs === undefined) throw new Error("two checksums were read");
    for (const key of ["metadata", "protocol", "setTransactions", "domainMetadata", "numMetadata", "numProtocol"]) {
      expect(ours[key], key).toEqual(theirs[key]);
    }
    expect([ours["numFiles"], theirs["numFiles"]]).toEqual([1, 2]);
    expect(await lake.rows("both")).toEqual([{ id: "1" }, { id: "2" }]);
  });
});

type Sum = Readonly<Record<string, unknown>>;
