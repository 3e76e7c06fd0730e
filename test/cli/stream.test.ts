// test/cli/stream.test.ts: `alluvium stream` and `alluvium tail`, which run until they are told to end.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { Running, alluvium, json, succeed, text } from "./alluvium.ts";

const folder = mkdtempSync(join(tmpdir(), "alluvium-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let lakeCount = 0;
let lake = "";

const at = (name: string): string => join(lake, name);

/** Appends rows of these ids to `source`. */
async function append(...ids: readonly number[]): Promise<void> {
  writeFileSync(at("rows.csv"), `id,author\n${ids.map((id) => `${id},${id % 2 === 0 ? "even" : "odd"}\n`).join("")}`);
  await succeed("append", at("source"), at("rows.csv"));
}

beforeEach(async () => {
  lake = join(folder, `lake-${(lakeCount += 1)}`);
  const { mkdirSync } = await import("node:fs");
  mkdirSync(lake);
  writeFileSync(at("schema.txt"), "id BIGINT, author STRING");
  await succeed("create", at("source"), "--schema", at("schema.txt"));
  await append(1, 2);
});

const stream = (...more: readonly string[]): readonly string[] => [
  "stream",
  at("source"),
  at("target"),
  "--checkpoint",
  at("checkpoint"),
  ...more,
];

async function ids(table: string): Promise<readonly number[]> {
  const lines = (await text("cat", at(table), "--format", "jsonl", "--columns", "id")).trimEnd();
  return lines === ""
    ? []
    : lines
        .split("\n")
        .map((line) => (JSON.parse(line) as { readonly id: number }).id)
        .toSorted((a, b) => a - b);
}

/** Progress objects on standard output: one a batch, and nothing else. */
function batches(said: string): readonly Readonly<Record<string, unknown>>[] {
  return said
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);
}

describe("stream", () => {
  test("available-now copies what there is, says nothing, and goes on the next time", async () => {
    expect(await text(...stream("--trigger", "available-now"))).toBe("");
    expect(await ids("target")).toEqual([1, 2]);
    await append(3);
    await succeed(...stream("--trigger", "once"));
    expect(await ids("target")).toEqual([1, 2, 3]);
    expect(
      Object.keys(((await json("describe", at("target"), "--json")) as { readonly txns: object }).txns),
    ).toHaveLength(1);
  });

  test("--sql reads the view source, --partition-by places the target, --json reports each batch", async () => {
    const output = await text(
      ...stream(
        "--trigger",
        "available-now",
        "--json",
        "--sql",
        "SELECT id, id * 2 AS twice, author FROM source WHERE id > 1",
        "--partition-by",
        "author",
      ),
    );
    expect(batches(output)).toMatchObject([{ batchId: 0, numInputRows: 2, sources: [{}], sink: { numOutputRows: 1 } }]);
    expect(await text("cat", at("target"), "--format", "jsonl")).toBe('{"id":2,"twice":4,"author":"even"}\n');
    expect(await json("describe", at("target"), "--json")).toMatchObject({ partitionColumns: ["author"] });
  });

  test.each(["SIGINT", "SIGTERM"] as const)(
    "runs until %s, which ends it cleanly: nothing is lost or doubled",
    async (signal) => {
      using running = new Running(stream("--json"));
      await running.until((said) => batches(said).length === 1);
      await append(3);
      await running.until((said) => batches(said).length === 2);
      running.signal(signal);
      const { status, stderr } = await running.outcome();
      expect([status, stderr]).toEqual([0, ""]);
      await append(4);
      await succeed(...stream("--trigger", "available-now"));
      expect(await ids("target")).toEqual([1, 2, 3, 4]);
      const commits = readdirSync(at("checkpoint/commits")).filter((name) => /^\d+$/u.test(name));
      expect(commits.toSorted()).toEqual(["0", "1", "2"]);
    },
  );

  test("a source that loses rows stops the stream with Delta's name for it, and ignoreDeletes goes on", async () => {
    await succeed(...stream("--trigger", "available-now"));
    await succeed("delete", at("source"), "--all");
    await append(5);
    const refused = await alluvium(...stream("--trigger", "available-now"));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/^error: (DELTA_SOURCE_IGNORE_DELETE|STREAM_FAILED): [^\n]*ignoreDeletes[^\n]*\n$/u);
    await succeed(...stream("--trigger", "available-now", "--option", "ignoreDeletes=true"));
    expect(await ids("target")).toEqual([1, 2, 5]);
  });

  test.each([
    [["--trigger", "now and then"], "INVALID_TRIGGER"],
    [["--output-mode", "all"], "STREAMING_OUTPUT_MODE_INVALID"],
    [["--output-mode", "complete"], "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION"],
    [["--sql", "SELECT count(*) FROM source"], "STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION"],
    [["--sql", "SELECT id FROM elsewhere"], "TABLE_OR_VIEW_NOT_FOUND"],
    [["--write-option", "mergeShema=true"], "DELTA_ILLEGAL_OPTION"],
  ])("%j is refused as %s before anything is written", async (more, code) => {
    const before = readdirSync(lake);
    const { status, stdout, stderr } = await alluvium(...stream(...more));
    expect([status, stdout.toString()]).toEqual([1, ""]);
    expect(stderr).toMatch(new RegExp(`^error: ${code}: [^\\n]+\\n$`, "u"));
    expect(readdirSync(lake)).toEqual(before);
  });
});

describe("tail", () => {
  test("prints new rows as JSON lines until it is interrupted", async () => {
    using running = new Running(["tail", at("source"), "--from", "earliest"]);
    await running.until((said) => said.split("\n").length === 3);
    await append(3);
    await running.until((said) => said.includes('{"id":3,"author":"odd"}\n'));
    running.signal("SIGINT");
    const { status, stderr } = await running.outcome();
    expect([status, stderr]).toEqual([0, ""]);
  });

  test("--from and --to print the rows of these commits and end", async () => {
    await append(3);
    await append(4);
    expect(await text("tail", at("source"), "--from", "2", "--to", "2")).toBe('{"id":3,"author":"odd"}\n');
    expect((await alluvium("tail", at("source"), "--from", "yesterday")).stderr).toMatch(/^error: INVALID_ARGUMENT: /u);
  });
});
