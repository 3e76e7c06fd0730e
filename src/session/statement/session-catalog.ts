// session/statement/session-catalog.ts: `spark.catalog`: what tables and views there are. Spark's Catalog.
import type { StructField } from "../../format/schema/schema.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import { namePartsOf } from "../plan/catalog.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { viewOf } from "../names/resolve-query.ts";
import { planSchema } from "../run/source-relation.ts";
import { tablePlan } from "./show-statements.ts";
import { tableNames } from "../names/table-names.ts";

/** A table or a view as `listTables` tells of it. */
export interface CatalogTable {
  readonly name: string;
  /** A temporary view, which the session takes with it. */
  readonly isTemporary: boolean;
  readonly tableType: "TABLE" | "VIEW" | "TEMPORARY";
}

/** The names of a session. */
export class SessionCatalog {
  readonly #current: () => Promise<FrameContext>;

  /** @internal Use `spark.catalog`. */
  constructor(current: () => Promise<FrameContext>) {
    this.#current = current;
  }

  /** The tables of the warehouse, its views, and the temporary views of the session. */
  async listTables(): Promise<readonly CatalogTable[]> {
    const context = await this.#current();
    const views = context.catalog.entries().filter((entry) => entry.kind === "view");
    return [
      ...(await tableNames(context)).map((name) => ({ name, isTemporary: false, tableType: "TABLE" as const })),
      ...views.map(({ name }) => ({ name: name.join("."), isTemporary: false, tableType: "VIEW" as const })),
      ...[...context.views.keys()].map((name) => ({ name, isTemporary: true, tableType: "TEMPORARY" as const })),
    ];
  }

  /** True when a table or a view has this name, which may be a path: ``delta.`/data/books` ``. */
  async tableExists(name: string): Promise<boolean> {
    const context = await this.#current();
    const isView = !isPath(name) && viewOf(context, namePartsOf(name)) !== undefined;
    return isView || tableExists(context.engine, context.catalog.tablePath(name));
  }

  /** The columns of a table or a view. @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND` */
  async listColumns(name: string): Promise<readonly StructField[]> {
    const context = await this.#current();
    return (await planSchema(context, await tablePlan(context, namePartsOf(name), name))).fields;
  }

  /** Forgets a temporary view. @returns whether there was one */
  async dropTempView(name: string): Promise<boolean> {
    return (await this.#current()).views.delete(name.toLowerCase());
  }
}

const isPath = (name: string): boolean => /^delta\s*\.\s*`/i.test(name.trim());
