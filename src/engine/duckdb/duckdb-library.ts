// engine/duckdb/duckdb-library.ts: DuckDB itself. It comes by `require`: Node looks through each of a hundred CommonJS files for its exports
// before it takes them for ES modules, which makes loading twice as long. Who imports this file, loads it.
import { createRequire } from "node:module";
import type * as nodeApi from "@duckdb/node-api";

/** The classes and functions of DuckDB's package, the same that `import` gives. */
export const duckdb: typeof nodeApi = createRequire(import.meta.url)("@duckdb/node-api") as typeof nodeApi;
