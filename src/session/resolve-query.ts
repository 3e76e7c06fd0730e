// session/resolve-query.ts: what the names of a query stand for: temporary views, tables of the warehouse, paths.
import { suggestion } from "../format/did-you-mean.ts";
import { AlluviumError } from "../format/error.ts";
import { tableExists } from "../log/load-snapshot.ts";
import { placeOfName } from "../sql/sql-error.ts";
import type { NameParts } from "../sql/statement-words.ts";
import type { TableReference } from "../sql/table-references.ts";
import { tableKey, tablesOf } from "./bind-query.ts";
import type { FrameContext } from "./frame-context.ts";
import type { Plan, QuerySource } from "./plan.ts";

/** How the names of a query are read. */
export interface ResolveOptions {
  /** Tables are read as streams; those at a version or a time stay as they are. */
  readonly asStream?: boolean;
}

/**
 * A query with all its tables looked up. What a view is, is settled here; what a table holds, when the query runs.
 * @throws AlluviumError `PARSE_SYNTAX_ERROR`, `TABLE_OR_VIEW_NOT_FOUND` with line and column
 */
export async function resolveQuery(
  context: FrameContext,
  text: string,
  { asStream = false }: ResolveOptions = {},
): Promise<QuerySource> {
  const tables = new Map<string, Plan>();
  for (const reference of await tablesOf(context, text)) {
    tables.set(tableKey(reference), await resolveTable(context, reference, { text, asStream }));
  }
  return { kind: "query", text, tables };
}

interface ResolveTable {
  readonly text: string;
  readonly asStream: boolean;
}

async function resolveTable(
  context: FrameContext,
  { parts, travel }: TableReference,
  { text, asStream }: ResolveTable,
): Promise<Plan> {
  const view = viewOf(context, parts);
  if (view !== undefined && travel === null) return view;
  if (view !== undefined) {
    throw new AlluviumError(
      "UNSUPPORTED_FEATURE",
      { name: parts.join(".") },
      `${parts.join(".")} is a view; only a table has versions`,
    );
  }
  const tablePath = tablePathOf(context, parts);
  if (!(await tableExists(context.engine, tablePath))) throw await notFound(context, parts, text);
  if (travel === null && asStream) return { source: { kind: "stream", tablePath, options: new Map() }, steps: [] };
  if (travel === null) return { source: { kind: "table", tablePath }, steps: [] };
  const at = travel.version === undefined ? { timestamp: travel.timestamp ?? "" } : { version: travel.version };
  return { source: { kind: "table", tablePath, ...at }, steps: [] };
}

/** The view of a name, if there is one. */
export function viewOf(context: FrameContext, parts: NameParts): Plan | undefined {
  return parts.length === 1 ? context.views.get(parts[0]?.toLowerCase() ?? "") : undefined;
}

/** The path of a table by the parts of its name. @throws AlluviumError `INVALID_ARGUMENT` */
export function tablePathOf({ catalog }: FrameContext, parts: NameParts): string {
  const quoted = parts.map((part) => `\`${part.replaceAll("`", "``")}\``);
  const isPath = parts.length === 2 && parts[0]?.toLowerCase() === "delta";
  return catalog.tablePath(isPath ? `delta.${quoted[1] ?? ""}` : quoted.join("."));
}

/**
 * The path of a table that a statement names.
 * @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND`, `EXPECT_TABLE_NOT_VIEW`
 */
export async function existingTable(context: FrameContext, parts: NameParts, text: string): Promise<string> {
  const tablePath = tablePathOf(context, parts);
  if (viewOf(context, parts) !== undefined) {
    throw new AlluviumError(
      "EXPECT_TABLE_NOT_VIEW",
      { name: parts.join(".") },
      `${parts.join(".")} is a view; this statement needs a table`,
    );
  }
  if (await tableExists(context.engine, tablePath)) return tablePath;
  throw await notFound(context, parts, text);
}

async function notFound(context: FrameContext, parts: NameParts, text: string): Promise<AlluviumError> {
  const name = parts.join(".");
  const known = [...context.views.keys(), ...(await tableNames(context))];
  const near = suggestion(name, known);
  const place = placeOfName(text, parts.at(-1) ?? "");
  const help =
    near === ""
      ? ` Tables are folders of the warehouse ${context.catalog.warehouse}; a path is written delta.\`/path\`.`
      : near;
  return new AlluviumError(
    "TABLE_OR_VIEW_NOT_FOUND",
    { name, query: text },
    `there is no table or view ${JSON.stringify(name)}${place}.${help}`,
  );
}

/** The tables right in the warehouse, in the order of their names. */
export async function tableNames({ engine, catalog }: FrameContext): Promise<readonly string[]> {
  const names: string[] = [];
  for (const entry of await engine.files.list(catalog.warehouse)) {
    if (entry.isDirectory && (await tableExists(engine, entry.path))) names.push(entry.name);
  }
  return names;
}
