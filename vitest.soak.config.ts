// Tests with properties, each with a fresh seed: `npm run soak` sets it.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig, type ViteUserConfig } from "vitest/config";
import plain from "./vitest.config.ts";

const withProperties = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".test.ts") && !/^(?:interop|tidy)\b/.test(name))
  .map((name) => join("test", name))
  .filter((path) => readFileSync(path, "utf8").includes("fc.assert("));

const config: ViteUserConfig = defineConfig({
  test: { ...plain.test, include: withProperties, setupFiles: ["test/soak-seed.ts"], testTimeout: 300_000 },
});

export default config;
