// session/names/table-names.ts: the names of the tables that are there, for whoever misspelt one.
import { basename, dirname } from "node:path";
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import type { FrameContext } from "../plan/frame-context.ts";

/**
 * Opens a table of a plan.
 * @throws AlluviumError as \`open\`; where nothing is there under a name of the warehouse, with the name that is near
 */
export async function openNamed<T>(context: FrameContext, tablePath: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof AlluviumError && error.code === "TABLE_NOT_FOUND")) throw error;
    if (dirname(tablePath) !== context.catalog.warehouse) throw error;
    const near = suggestion(basename(tablePath), await tableNames(context));
    throw new AlluviumError(error.code, error.context, `${error.message}.${near}`, { cause: error });
  }
}

/** The tables of the warehouse by names of one part, in the order of their names: folders in it, and tables elsewhere. */
export async function tableNames({ engine, catalog }: FrameContext): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await engine.files.list(catalog.warehouse)) {
    if (entry.isDirectory && (await tableExists(engine, entry.path))) names.push(entry.name);
  }
  const located = catalog.entries().filter((entry) => entry.kind === "table" && entry.name.length === 1);
  return [...names, ...located.map((entry) => entry.name.join("."))].toSorted();
}

/** A table or a view as the catalog tells of it. */
export interface CatalogTable {
  readonly name: string;
  /** A temporary view, which the session takes with it. */
  readonly isTemporary: boolean;
  readonly tableType: "TABLE" | "VIEW" | "TEMPORARY";
}

/** The views that the warehouse keeps, then the temporary ones, each in the order of their names. */
export function viewNames({ catalog, views }: FrameContext): readonly CatalogTable[] {
  const kept = catalog.entries().filter((entry) => entry.kind === "view");
  return [
    ...kept.map(({ name }) => ({ name: name.join("."), isTemporary: false, tableType: "VIEW" as const })),
    ...[...views.keys()].toSorted().map((name) => ({ name, isTemporary: true, tableType: "TEMPORARY" as const })),
  ];
}

/** The tables of the warehouse, then its views. */
export async function tablesAndViews(context: FrameContext): Promise<readonly CatalogTable[]> {
  const tables = (await tableNames(context)).map((name) => ({ name, isTemporary: false, tableType: "TABLE" as const }));
  return [...tables, ...viewNames(context)];
}
