// The house: who may look into whom, and which packages each room may use. docs/ARCHITECTURE.md prints this table.

/** One room: a folder below src/, or a file directly in src/. */
export interface Room {
  readonly purpose: string;
  /** Rooms that it may import. */
  readonly below: readonly string[];
  /** Packages and Node modules that it may import; "node:*" is all of Node. */
  readonly packages: readonly string[];
}

// Parts of Node that only compute: no file, no clock, no process.
const pureNode = ["node:path", "node:url", "node:util", "node:crypto"];

/** From the ground up. `ui` has its place before it is built. */
export const rooms: Readonly<Record<string, Room>> = {
  format: {
    purpose: "what the bytes mean: actions, schema, table properties, statistics, errors; pure, no I/O",
    below: [],
    packages: ["lossless-json"],
  },
  engine: {
    purpose: "the only hands: files, Parquet, DuckDB, clock, randomness, each behind a small interface",
    below: ["format"],
    packages: ["@duckdb/node-api", "apache-arrow", "fs-extra", "node:*", "parquet-wasm"],
  },
  expression: {
    purpose: "predicates: Spark's SQL text, typed expressions, DuckDB's SQL, and the ways between them",
    below: ["format", "engine"],
    packages: [],
  },
  log: {
    purpose: "the truth of a table: list, replay, snapshot, publish, checkpoint, clean",
    below: ["format", "engine", "expression"],
    packages: pureNode,
  },
  reader: {
    purpose: "from a snapshot to rows: plan, prune, skip, read",
    below: ["format", "engine", "expression", "log"],
    packages: ["apache-arrow", ...pureNode],
  },
  writer: {
    purpose: "from rows to a commit: data files, statistics, transaction, conflicts",
    below: ["format", "engine", "expression", "log"],
    packages: ["apache-arrow", ...pureNode],
  },
  table: {
    purpose: "the `DeltaTable` a person holds, and its operations",
    below: ["format", "engine", "expression", "log", "reader", "writer"],
    packages: ["apache-arrow", ...pureNode],
  },
  stream: {
    purpose: "micro-batches: source, admission, write-ahead logs, sink, query, manager",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table"],
    packages: ["apache-arrow", "node:async_hooks", ...pureNode],
  },
  sql: {
    purpose: "words to plans: parse, bind, what a stream may do",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table", "stream"],
    packages: [],
  },
  session: {
    purpose: "the front door: session, catalog, DataFrame, readStream, writeStream, streams",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table", "stream", "sql"],
    packages: ["apache-arrow", ...pureNode],
  },
  index: {
    purpose: "the public surface: named exports only, on record in public-api.txt",
    below: ["session", "stream", "table", "expression", "format"],
    packages: [],
  },
  cli: {
    purpose: "the command line; sees what any user of the package sees",
    below: ["index"],
    packages: ["apache-arrow", "commander", "node:*"],
  },
  ui: {
    purpose: "the page; sees what any user of the package sees",
    below: ["index"],
    packages: ["node:*"],
  },
};

/** The room of a path below src/: src/log/replay.ts is in `log`; src/index.ts is `index` and src/cli.ts is in `cli`. */
export function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}
