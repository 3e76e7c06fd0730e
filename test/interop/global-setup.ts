// Makes the Python environment of the peers before the first interoperability test, and tells the tests where it is.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Called once by vitest before the first test file. */
export default function setup(): void {
  const script = fileURLToPath(new URL("setup.sh", import.meta.url));
  const result = spawnSync("bash", [script], { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (result.status !== 0) throw new Error(`${script} failed with status ${String(result.status)}`);
  process.env["ALLUVIUM_INTEROP_PYTHON"] = result.stdout.trim().split("\n").at(-1) ?? "";
}
