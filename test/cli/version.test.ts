// test/cli/version.test.ts: which alluvium this is.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { alluvium, text } from "./alluvium.ts";

test("--version before a command is that of the package; behind one it is the command's own", async () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
    readonly version: string;
  };
  expect(await text("--version")).toBe(`${version}\n`);
  const { stderr } = await alluvium("cat", "/nowhere/at/all", "--version", "0");
  expect(stderr).toContain("TABLE_NOT_FOUND");
});
