// test/cli/broken-pipe.test.ts: standard output that nobody reads to its end.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { alluvium } from "./alluvium.ts";

test("a reader that has seen enough is no failure", async () => {
  const folder = mkdtempSync(join(tmpdir(), "alluvium-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [table, schema, rows] = ["many", "n.txt", "n.csv"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(schema, "n BIGINT");
  writeFileSync(rows, `n\n${Array.from({ length: 200_000 }, (_, n) => n).join("\n")}\n`);
  expect((await alluvium("create", table, "--schema", schema)).stderr).toBe("");
  expect((await alluvium("append", table, rows)).stderr).toBe("");
  for (const [command, first] of [
    [`cat "${table}" --format csv`, "n"],
    [`tail "${table}" --from earliest --to 1`, '{"n":0}'],
  ]) {
    const line = `set -o pipefail; "${process.execPath}" build/package/cli.js ${command} | head -n 1`;
    const result = spawnSync("bash", ["-c", line], { encoding: "utf8" });
    expect([result.stdout, result.stderr, result.status]).toEqual([`${first}\n`, "", 0]);
  }
});
