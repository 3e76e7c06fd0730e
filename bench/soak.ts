// bench/soak.ts: `npm run soak [-- --minutes N --seed S]`: the properties of test/ with fresh seeds, until one fails or the time
// is over. A failing seed is printed; `--seed` runs that one again.
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "10" }, seed: { type: "string" } },
});
const root = fileURLToPath(new URL("../../", import.meta.url));
const endMs = Date.now() + Number(values.minutes) * 60_000;

process.exitCode = values.seed === undefined ? soak() : runRound(Number(values.seed));

function soak(): number {
  for (let round = 1; round === 1 || Date.now() < endMs; round += 1) {
    const status = runRound(randomInt(2 ** 31));
    if (status !== 0) return status;
  }
  return 0;
}

function runRound(seed: number): number {
  const startMs = Date.now();
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--config", "vitest.soak.config.ts", "--reporter", "dot"],
    { cwd: root, encoding: "utf8", maxBuffer: 2 ** 28, env: { ...process.env, ALLUVIUM_SOAK_SEED: String(seed) } },
  );
  const seconds = Math.round((Date.now() - startMs) / 1000);
  if (status === 0) {
    console.log(`seed ${seed}: all properties hold (${seconds} s)`);
    return 0;
  }
  console.log(`${stdout}\n${stderr}\nseed ${seed} FAILS; run it again with: npm run soak -- --seed ${seed}`);
  return 1;
}
