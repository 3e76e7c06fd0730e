// Compiles the repository to build/ before any test, because some tests start real processes and Node 20 cannot run
// TypeScript. Type errors do not stop the tests: tsc emits anyway, and `npm run check` is the place that refuses them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Called once by vitest before the first test file. */
export default function setup(): void {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const result = spawnSync(process.execPath, ["node_modules/typescript/bin/tsc", "-p", "tsconfig.dev.json"], {
    cwd: root,
    encoding: "utf8",
  });
  if (result.error !== undefined) throw result.error;
  if (result.status !== 0) {
    const lines = result.stdout.trim().split("\n");
    process.stderr.write(
      `build/ was compiled with type errors, the first: ${lines[0] ?? ""} (${lines.length} lines)\n`,
    );
  }
}
