// bench/workloads/setting.ts: what all workloads are built from.
import type { Contestant } from "../contest.ts";
import { ownCommand } from "../contest.ts";

/** Where the tables are, how large they are, and which other engines are there. */
export interface Setting {
  /** The large source: its path, files and rows. */
  readonly large: { readonly path: string; readonly fileCount: number; readonly rowCount: number };
  /** 100 files of 1,000 rows. */
  readonly small: { readonly path: string; readonly rowCount: number };
  /** Scratch folder on the same disk. */
  readonly work: string;
  readonly turns: number;
  /** The Python that has Spark and delta-rs, and the folder of the scripts; null when they are not asked for. */
  readonly peers: { readonly python: string; readonly scripts: string } | null;
}

/** The words of one operation. */
export type Words = Readonly<Record<string, string | number>>;

/** This package. */
export function alluvium(setting: Setting, operation: string, words: Words): Contestant {
  return { name: "alluvium", command: ownCommand(operation, words), turns: setting.turns };
}

/** The machine's own limit. */
export function limit(
  setting: Setting,
  name: string,
  { operation, words }: { operation: string; words: Words },
): Contestant {
  return { name, command: ownCommand(operation, words), turns: setting.turns };
}

/** Spark, once: it warms up in its own process; none when peers were not asked for. */
export function spark({ peers }: Setting, operation: string, words: Words): readonly Contestant[] {
  return peers === null ? [] : [peer("Spark", { ...peers, script: "spark_peer.py", operation, words, turns: 1 })];
}

/** delta-rs; none when peers were not asked for. */
export function deltars({ peers, turns }: Setting, operation: string, words: Words): readonly Contestant[] {
  return peers === null ? [] : [peer("delta-rs", { ...peers, script: "deltars_peer.py", operation, words, turns })];
}

interface PeerCall {
  readonly python: string;
  readonly scripts: string;
  readonly script: string;
  readonly operation: string;
  readonly words: Words;
  readonly turns: number;
}

function peer(name: string, { python, scripts, script, operation, words, turns }: PeerCall): Contestant {
  const given = Object.entries(words).map(([key, value]) => `${key}=${value}`);
  return { name, command: [python, `${scripts}/${script}`, operation, ...given], turns };
}
