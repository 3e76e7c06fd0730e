// session/plan/frame-context.ts: what every DataFrame, reader and writer of one session shares.
import type { Engine } from "../../engine/base/engine.ts";
import type { NamedFunction } from "../../expression/bind/name-scope.ts";
import type { QueryManager } from "../../stream/query/query-manager.ts";
import type { Catalog } from "./catalog.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { Plan } from "./plan.ts";

/** One per session; readers, frames and writers hold it. */
export interface FrameContext {
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly queries: QueryManager;
  /** A frame over a plan; here so that writers can make frames without knowing the class. */
  readonly frame: (plan: Plan) => DataFrame;
  /** Temporary views by name, lower case. */
  readonly views: Map<string, Plan>;
  /** Functions of JavaScript by name, lower case. */
  readonly functions: Map<string, NamedFunction>;
  /** Names of DuckDB's aggregates, asked for once: going through all its functions takes longer than to plan a stream. */
  readonly aggregateNames: () => Promise<ReadonlySet<string>>;
  /** Settings of the session by Spark's names. */
  readonly conf: ReadonlyMap<string, string>;
}
