// An error while publishing leaves the outcome open; reading the version back settles it.
import { expect, test } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { append, createAt, pathsOf } from "./small-table.ts";
import { workshop } from "./support.ts";

const { engine, newTablePath } = workshop();
const newTable = (): Promise<Snapshot> => createAt(engine, newTablePath());

test("a publish whose error came after the file was visible is found to be a commit by its txnId", async () => {
  const table = await newTable();
  const result = await append(failingAfterPublish("ours"), table, "a.parquet");
  expect(result).toMatchObject({ status: "committed", version: 1 });
  expect((await loadSnapshot(engine, table.tablePath)).version).toBe(1);
});

test("a publish whose error came before anything was visible fails, and says that nothing was published", async () => {
  const table = await newTable();
  const cause: unknown = await append(failingAfterPublish("nothing"), table, "a.parquet").catch(
    (reason: unknown) => reason,
  );
  expect(cause).toMatchObject({ code: "IO_ERROR", context: { outcome: "absent" } });
  expect((await loadSnapshot(engine, table.tablePath)).version).toBe(0);
});

test("a publish that failed while another writer won goes on behind the winner", async () => {
  const table = await newTable();
  const result = await append(failingAfterPublish("theirs"), table, "a.parquet");
  expect(result).toMatchObject({ status: "committed", version: 2 });
  expect(await pathsOf(await loadSnapshot(engine, table.tablePath))).toEqual(["a.parquet", "theirs.parquet"]);
});

/** Fails the first publishing of a commit, after this much of it has happened. */
function failingAfterPublish(kind: "ours" | "theirs" | "nothing"): Engine {
  let isFirst = true;
  const failure = (): AlluviumError => new AlluviumError("IO_ERROR", {}, "the disk failed");
  return {
    ...engine,
    files: {
      ...engine.files,
      putIfAbsent: async (path, bytes) => {
        if (!isFirst || !path.endsWith(".json")) return engine.files.putIfAbsent(path, bytes);
        isFirst = false;
        const theirs = new TextEncoder().encode(
          `${JSON.stringify({ add: { path: "theirs.parquet", partitionValues: { part: "a" }, size: 1, modificationTime: 1, dataChange: true } })}\n`,
        );
        if (kind !== "nothing") await engine.files.putIfAbsent(path, kind === "ours" ? bytes : theirs);
        throw failure();
      },
    },
  };
}
