// The house: who may look into whom, and which packages each room may use. docs/ARCHITECTURE.md prints this table.

/** One room: a folder below src/, or a file directly in src/. */
export interface Room {
  readonly purpose: string;
  /** Rooms that it may import. */
  readonly below: readonly string[];
  /** Packages and Node modules that it may import; "node:*" is all of Node. */
  readonly packages: readonly string[];
  /** Its folders where one would be crowded: what each holds. But for types, a file imports from its own and those named before it. */
  readonly shelves?: Readonly<Record<string, string>>;
}

// Parts of Node that only compute: no file, no clock, no process.
const pureNode = ["node:path", "node:url", "node:util", "node:crypto"];

/** From the ground up. `ui` has its place before it is built. */
export const rooms: Readonly<Record<string, Room>> = {
  format: {
    purpose: "what the bytes mean: actions, schema, table properties, statistics, errors; pure, no I/O",
    below: [],
    packages: ["lossless-json"],
    shelves: {
      text: "errors, JSON, numbers, names and bytes: what everything else is spelt with",
      action: "what commits, checkpoints, checksums and hints say, and how their files are called",
      schema: "the columns of a table: their types, JSON, edits and widening",
      property: "the settings of a table, and which columns have statistics by them",
      value: "single values as partition folders and statistics hold them",
      vector: "deletion vectors: sets of rows as bitmaps",
      feature: "one file for each table feature",
      protocol: "what a table needs of readers and writers, and what follows for its metadata",
    },
  },
  engine: {
    purpose: "the only hands: files, Parquet, DuckDB, clock, randomness, each behind a small interface",
    below: ["format"],
    packages: ["@duckdb/node-api", "apache-arrow", "fs-extra", "node:*", "parquet-wasm"],
    shelves: {
      base: "the doors, clock, chance, and small helpers that know no library",
      files: "the disk: durable files, folders, locks, news of commits",
      arrow: "Arrow memory from and to JavaScript values",
      duckdb: "DuckDB: connections, types, results as Arrow, functions with Spark's meaning",
      parquet: "Parquet files, and variants in them",
      local: "all doors to this machine together",
    },
  },
  expression: {
    purpose: "predicates: Spark's SQL text, typed expressions, DuckDB's SQL, and the ways between them",
    below: ["format", "engine"],
    packages: [],
    shelves: {
      tree: "expressions and types as data",
      parse: "Spark SQL text to trees and back",
      operator: "operators and casts with Spark's types, as DuckDB SQL",
      function: "Spark's functions, as DuckDB SQL",
      bind: "trees bound to names and types, and what their columns are called",
      predicate: "expressions built by programs; conditions, and what files answer to them",
    },
  },
  log: {
    purpose: "the truth of a table: list, replay, snapshot, publish, checkpoint, clean",
    below: ["format", "engine", "expression"],
    packages: pureNode,
    shelves: {
      listing: "what `_delta_log` holds, and which files make up a version",
      state: "actions in order to the state of a table",
      checkpoint: "checkpoints, read",
      snapshot: "a table at one version: opened, advanced, verified, told as history",
      publish: "versions, checkpoints and checksums, written; what has expired, removed",
    },
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
    shelves: {
      input: "what a person hands over: rows, schemas, defaults",
      rows: "operations that add, replace, change or remove rows",
      merge: "MERGE",
      alter: "operations that change columns, properties, constraints and features",
      whole: "the `DeltaTable`, and what is asked of a table as a whole",
    },
  },
  stream: {
    purpose: "micro-batches: source, admission, write-ahead logs, sink, query, manager",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table"],
    packages: ["apache-arrow", "node:async_hooks", ...pureNode],
    shelves: {
      plan: "what a streaming query is, and what it asks of its sources, as data",
      checkpoint: "the folder in which a query's life is kept: offsets, commits, who runs it",
      source: "a Delta table as a source: from its log to numbered files and batches",
      state: "what a query remembers: live in DuckDB, as versions in the checkpoint",
      operator: "what is done to the rows of a batch",
      sink: "where the rows of a batch go, each once",
      query: "a running query: its loop, its batches, its reports, its handle",
    },
  },
  sql: {
    purpose: "words to plans: parse, bind, what a stream may do",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table", "stream"],
    packages: [],
    shelves: {
      words: "the tokens of a query: where its parts begin and end, and what its text becomes",
      statement: "statements that are no queries",
      translate: "queries in Spark's spelling as DuckDB reads them",
      tree: "DuckDB's tree of a query, asked and rewritten",
      stream: "queries over streams as trees of operators",
    },
  },
  session: {
    purpose: "the front door: session, catalog, DataFrame, readStream, writeStream, streams",
    below: ["format", "engine", "expression", "log", "reader", "writer", "table", "stream", "sql"],
    packages: ["apache-arrow", ...pureNode],
    shelves: {
      plan: "what a frame is, as data: its source, its steps, and the words for them",
      names: "what the names of a query stand for, and how it is bound to them",
      run: "plans as relations, rows and running queries",
      frame: "the DataFrame, its readers and its writers",
      statement: "statements, done; views, tables elsewhere, the catalog",
      door: "the session",
    },
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

/** The room of a path below src/: src/log/state/replay.ts is in `log`; src/index.ts is `index` and src/cli.ts is in `cli`. */
export function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

/** The shelf of a path below src/: src/log/state/replay.ts is on `state`; null for files directly in a room. */
export function shelfOf(path: string): string | null {
  return path.split("/").length > 3 ? (path.split("/")[2] ?? null) : null;
}
