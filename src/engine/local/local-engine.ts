// engine/local/local-engine.ts: all doors to this machine together.
import { oneAtATime } from "../base/background.ts";
import { systemClock } from "../base/clock.ts";
import { localCommitSignals } from "../files/commit-signals.ts";
import { duckdbEngine } from "../duckdb/duckdb.ts";
import type { DuckDbOptions } from "../duckdb/duckdb.ts";
import type { Engine } from "../base/engine.ts";
import { localFileStore } from "../files/local-file-store.ts";
import { parquetEngine } from "../parquet/parquet.ts";
import { localProcessLocks } from "../files/process-locks.ts";
import { systemRandom } from "../base/random.ts";
import { localVariantFiles } from "../parquet/variant-files.ts";

/** Settings of the engine. */
export interface LocalEngineOptions {
  readonly duckdb?: DuckDbOptions;
  /** Settings by Spark's names. */
  readonly conf?: ReadonlyMap<string, string>;
}

/** An engine on this machine's disk. Nothing starts before it is needed; closing it ends what runs beside, then closes DuckDB. */
export function localEngine(options: LocalEngineOptions = {}): Engine {
  const sql = duckdbEngine(options.duckdb);
  const variants = localVariantFiles(sql);
  const clock = systemClock();
  const background = oneAtATime();
  return {
    files: localFileStore(),
    sql,
    parquet: parquetEngine(),
    clock,
    random: systemRandom(),
    signals: localCommitSignals(),
    locks: localProcessLocks(clock),
    background,
    variants,
    conf: options.conf ?? new Map(),
    [Symbol.asyncDispose]: async () => {
      await background.finish();
      await sql.close();
      await variants.close();
    },
  };
}
