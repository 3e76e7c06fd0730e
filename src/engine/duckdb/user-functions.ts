// engine/duckdb/user-functions.ts: the functions of JavaScript that a database knows, and what they threw.
import type { DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import type { AlluviumError } from "../../format/text/error.ts";
import type { UserFunction } from "../base/engine.ts";
import { sparkFunctions } from "./spark-functions.ts";

/** All functions of one SQL engine. A database that is started anew gets them anew. */
export class UserFunctions {
  readonly #all: UserFunction[] = [...sparkFunctions];
  readonly #failures = new Map<string, AlluviumError>();
  #database: DuckDBInstance | undefined;
  #registeredCount = 0;

  /** From the next connection on. */
  add(user: UserFunction): void {
    this.#all.push(user);
  }

  /** Tells a database, through one of its connections, of the functions that it does not know yet. */
  async registerAll(connection: DuckDBConnection, database: DuckDBInstance): Promise<void> {
    if (database !== this.#database) [this.#database, this.#registeredCount] = [database, 0];
    if (this.#registeredCount === this.#all.length) return;
    const { scalarFunction } = await import("./user-function.ts");
    while (this.#registeredCount < this.#all.length) {
      const user = this.#all[this.#registeredCount];
      this.#registeredCount += 1;
      if (user !== undefined) connection.registerScalarFunction(scalarFunction(user, (error) => this.#note(error)));
    }
  }

  /** The failure that DuckDB's message carries. */
  failureIn(text: string): AlluviumError | undefined {
    const key = /alluvium user function failure \d+/.exec(text)?.[0];
    return key === undefined ? undefined : this.#failures.get(key);
  }

  #note(error: AlluviumError): string {
    const key = `alluvium user function failure ${this.#failures.size}`;
    this.#failures.set(key, error);
    return key;
  }
}
