// bench/options.ts: the words after `npm run bench --`.
import { parseArgs } from "node:util";

/** What can be asked. */
export const usage = `npm run bench -- [--peers] [--rows N] [--turns N] [--only TEXT] [--output FILE]
  --peers   beside Spark and delta-rs, which are installed on first use
  --rows    of the large table; 10000000 when absent
  --turns   of each contestant; 3 when absent
  --only    comparisons whose name holds this text
  --output  writes the report there, too
node build/bench/run.js OPERATION key=value …
  one operation in a process of its own`;

/** What a run of comparisons is asked. */
export interface Options {
  readonly hasPeers: boolean;
  readonly rowCount: number;
  readonly turns: number;
  /** Lower case. */
  readonly only: string;
  readonly output: string | null;
}

/** @throws TypeError for an option that there is not */
export function readOptions(words: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...words],
    options: {
      peers: { type: "boolean", default: false },
      rows: { type: "string", default: "10000000" },
      turns: { type: "string", default: "3" },
      only: { type: "string", default: "" },
      output: { type: "string" },
    },
  });
  const { peers, rows, turns, only, output } = values;
  return {
    hasPeers: peers,
    rowCount: Number(rows),
    turns: Number(turns),
    only: only.toLowerCase(),
    output: output ?? null,
  };
}
