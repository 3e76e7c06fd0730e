// log/checkpoint/late-connection.ts: a connection that is made when it is needed first: DuckDB is not loaded for questions that it is not asked.
import type { Engine, SqlConnection } from "../../engine/base/engine.ts";

/** At most one connection; disposing of it closes it. */
export class LateConnection implements AsyncDisposable {
  readonly #engine: Engine;
  #connection: SqlConnection | null = null;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** The same each time. @throws AlluviumError as `SqlEngine.connect` */
  async connect(): Promise<SqlConnection> {
    return (this.#connection ??= await this.#engine.sql.connect());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection?.[Symbol.asyncDispose]();
  }
}
