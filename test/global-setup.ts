// Before any test, because some start real processes and Node 20 cannot run TypeScript: compiles the repository to build/, and
// bundles the package as it is published to build/package/. Type errors do not stop the tests: tsc emits anyway, and
// `npm run check` is the place that refuses them.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Called once by vitest before the first test file. */
export default function setup(): void {
  const compiled = runTool("typescript/bin/tsc", ["-p", "tsconfig.dev.json"]);
  if (compiled.status !== 0) {
    const lines = compiled.stdout.trim().split("\n");
    const message = `build/ was compiled with type errors, the first: ${lines[0] ?? ""} (${lines.length} lines)\n`;
    process.stderr.write(message);
  }
  const bundled = runTool("rolldown/bin/cli.mjs", ["-c", "-d", "build/package"]);
  if (bundled.status !== 0) throw new Error(`the package could not be bundled:\n${bundled.stderr}`);
}

function runTool(script: string, args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const result = spawnSync(process.execPath, [`node_modules/${script}`, ...args], { cwd, encoding: "utf8" });
  if (result.error !== undefined) throw result.error;
  return result;
}
