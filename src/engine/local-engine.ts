// engine/local-engine.ts: all doors to this machine together.
import { systemClock } from "./clock.ts";
import { localCommitSignals } from "./commit-signals.ts";
import { duckdbEngine } from "./duckdb.ts";
import type { DuckDbOptions } from "./duckdb.ts";
import type { Engine } from "./engine.ts";
import { localFileStore } from "./local-file-store.ts";
import { parquetEngine } from "./parquet.ts";
import { localProcessLocks } from "./process-locks.ts";
import { systemRandom } from "./random.ts";

/** Settings of the engine. */
export interface LocalEngineOptions {
  readonly duckdb?: DuckDbOptions;
}

/** An engine on this machine's disk. Nothing starts before it is needed; closing it closes DuckDB. */
export function localEngine(options: LocalEngineOptions = {}): Engine {
  const sql = duckdbEngine(options.duckdb);
  const clock = systemClock();
  return {
    files: localFileStore(),
    sql,
    parquet: parquetEngine(),
    clock,
    random: systemRandom(),
    signals: localCommitSignals(),
    locks: localProcessLocks(clock),
    [Symbol.asyncDispose]: () => sql.close(),
  };
}
