import { defineConfig, type ViteUserConfig } from "vitest/config";

const config: ViteUserConfig = defineConfig({
  test: {
    include: ["test/interop/**/*.test.ts"],
    globalSetup: ["test/global-setup.ts", "test/interop/global-setup.ts"],
    pool: "forks",
    // One worker that keeps its modules, so that one Spark process serves every file.
    maxWorkers: 1,
    isolate: false,
    testTimeout: 600_000,
    hookTimeout: 900_000,
  },
});

export default config;
