// session/statement/session-catalog.ts: `spark.catalog`: what tables and views there are. Spark's Catalog.
import type { StructField } from "../../format/schema/schema.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import { namePartsOf } from "../plan/catalog.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { viewOf } from "../names/view-of-name.ts";
import { type CatalogTable, tablesAndViews } from "../names/table-names.ts";

/** The names of a session. */
export class SessionCatalog {
  readonly #current: () => Promise<FrameContext>;

  /** @internal Use `spark.catalog`. */
  constructor(current: () => Promise<FrameContext>) {
    this.#current = current;
  }

  /** The tables of the warehouse, its views, and the temporary views of the session. */
  async listTables(): Promise<readonly CatalogTable[]> {
    return tablesAndViews(await this.#current());
  }

  /** True when a table or a view has this name, which may be a path: ``delta.`/data/books` ``. */
  async tableExists(name: string): Promise<boolean> {
    const context = await this.#current();
    const isView = !isPath(name) && viewOf(context, namePartsOf(name)) !== undefined;
    return isView || tableExists(context.engine, context.catalog.tablePath(name));
  }

  /** The columns of a table or a view. @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND` */
  async listColumns(name: string): Promise<readonly StructField[]> {
    const { planSchema } = await import("../run/source-relation.ts");
    const { tablePlan } = await import("./show-statements.ts");
    const context = await this.#current();
    return (await planSchema(context, await tablePlan(context, namePartsOf(name), name))).fields;
  }

  /** Forgets a temporary view. @returns whether there was one */
  async dropTempView(name: string): Promise<boolean> {
    return (await this.#current()).views.delete(name.toLowerCase());
  }
}

const isPath = (name: string): boolean => /^delta\s*\.\s*`/i.test(name.trim());
