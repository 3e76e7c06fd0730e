// rolldown.config.ts: the package as it is published: few files instead of one per idea, which Node loads in half the time.
import { readFileSync } from "node:fs";
import { type RolldownOptions, defineConfig } from "rolldown";

const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as { readonly dependencies: object };

const config: RolldownOptions = defineConfig({
  input: { index: "src/index.ts", cli: "src/cli.ts" },
  platform: "node",
  // Packages stay what they are: Arrow's classes must be those that a user's program has.
  external: Object.keys(dependencies).map((name) => new RegExp(`^${name}(?:/|$)`)),
  transform: { target: "node20.19" },
  output: {
    dir: "dist",
    entryFileNames: "[name].js",
    chunkFileNames: "chunks/[name].js",
  },
});

export default config;
