// session/names/resolve-query.ts: what the names of a query stand for: temporary views, tables of the warehouse, paths.
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import { placeOfName } from "../../sql/words/sql-error.ts";
import type { NameParts } from "../../sql/words/statement-words.ts";
import type { NamedTable, TableWatermark } from "../../sql/words/sql-output.ts";
import type { TableReference } from "../../sql/tree/table-references.ts";
import { parseSelectList } from "../../expression/parse/parse-sql.ts";
import { parseSourceOptions } from "../../stream/source/source-options.ts";
import { watermarkDelayMs } from "../plan/frame-arguments.ts";
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { tableKey, tablesOf } from "./bind-query.ts";
import type { CatalogEntry } from "../plan/catalog-entry.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { tableNames } from "./table-names.ts";
import { viewOf } from "./view-of-name.ts";
import { type Plan, type PlanStep, type QuerySource, changesPlan, isStreamingPlan } from "../plan/plan.ts";

/** How the names of a query are read. */
export interface ResolveOptions {
  /** Tables are read as streams; those at a version or a time stay as they are. */
  readonly asStream?: boolean;
  /** The columns of the query are taken by position: their names may repeat. */
  readonly namesMayRepeat?: boolean;
}

/**
 * A query with all its tables looked up. What a view is, is settled here; what a table holds, when the query runs.
 * @throws AlluviumError `PARSE_SYNTAX_ERROR`, `TABLE_OR_VIEW_NOT_FOUND` with line and column
 */
export async function resolveQuery(
  context: FrameContext,
  text: string,
  { asStream = false, namesMayRepeat = false }: ResolveOptions = {},
): Promise<QuerySource> {
  const tables = new Map<string, Plan>();
  for (const reference of await tablesOf(context, text)) {
    tables.set(tableKey(reference), await resolveTable(context, reference, { text, asStream }));
  }
  return { kind: "query", text, tables, namesMayRepeat };
}

interface ResolveTable {
  readonly text: string;
  readonly asStream: boolean;
}

async function resolveTable(
  context: FrameContext,
  { parts, table }: TableReference,
  asked: ResolveTable,
): Promise<Plan> {
  if (table === null) return viewOf(context, parts) ?? tablePlanOf(context, parts, asked);
  const plan =
    table.query === undefined
      ? await namedPlan(context, table, asked)
      : { source: await resolveQuery(context, table.query, { asStream: asked.asStream }), steps: [] };
  return table.watermark === null ? plan : watermarkedPlan(plan, table.watermark);
}

async function tablePlanOf(context: FrameContext, parts: NameParts, { text, asStream }: ResolveTable): Promise<Plan> {
  const tablePath = tablePathOf(context, parts);
  if (!(await tableExists(context.engine, tablePath))) throw await notFound(context, parts, text);
  const source = asStream
    ? { kind: "stream" as const, tablePath, options: new Map<string, string>() }
    : { kind: "table" as const, tablePath };
  return { source, steps: [] };
}

/** A table of which the query says that it is a stream, or at which version it is read. */
async function namedPlan(context: FrameContext, table: NamedTable, { text, asStream }: ResolveTable): Promise<Plan> {
  const { parts, version, timestamp, isStream, options, changes } = table;
  const isPast = version !== undefined || timestamp !== undefined;
  const name = parts.join(".");
  const view = viewOf(context, parts);
  if (view !== undefined) {
    if (isPast || changes !== undefined)
      throw new AlluviumError("UNSUPPORTED_FEATURE", { name }, `${name} is a view; only a table has versions`);
    if (!isStream || isStreamingPlan(view)) return view;
    const message = `${name} is a view of tables; STREAM takes a table, or a view of a stream`;
    throw new AlluviumError("EXPECT_TABLE_NOT_VIEW", { name }, message);
  }
  const isFeed = changes !== undefined;
  const plan = await tablePlanOf(context, parts, { text, asStream: isStream || (asStream && !isPast && !isFeed) });
  if (isFeed && plan.source.kind === "table") return changesPlan(plan.source.tablePath, changes);
  if (isStream) parseSourceOptions(options);
  if (isStream && plan.source.kind === "stream") return { ...plan, source: { ...plan.source, options } };
  if (!isPast || plan.source.kind !== "table") return plan;
  const at = version === undefined ? { timestamp: timestamp ?? "" } : { version };
  return { ...plan, source: { ...plan.source, ...at } };
}

/** An event time that is no column yet becomes one. */
function watermarkedPlan(plan: Plan, { column, delay }: TableWatermark): Plan {
  const [item] = parseSelectList(column);
  const { expression, alias } = item ?? { expression: null, alias: null };
  const own = expression?.kind === "name" ? expression.parts.at(-1) : undefined;
  const name = alias ?? own ?? column;
  const steps: readonly PlanStep[] =
    alias === null && own !== undefined
      ? []
      : [{ kind: "withColumns", columns: [{ name, expression: withoutAlias(column, alias) }] }];
  const input = { ...plan, steps: [...plan.steps, ...steps] };
  return { source: { kind: "watermark", input, column: name, delayMs: watermarkDelayMs(delay) }, steps: [] };
}

const withoutAlias = (text: string, alias: string | null): string =>
  alias === null ? text : text.replace(/\s+(?:as\s+)?\S+\s*$/i, "");

/** What a view of the warehouse stands for now. @throws AlluviumError as `resolveQuery` */
export async function viewPlan(
  context: FrameContext,
  { query, columns }: Extract<CatalogEntry, { kind: "view" }>,
): Promise<Plan> {
  const names = columns?.map(quoteName).join(", ");
  const text = names === undefined ? query : `SELECT * FROM (${query}\n) AS named_columns(${names})`;
  return { source: await resolveQuery(context, text), steps: [] };
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
  if (viewOf(context, parts) !== undefined) {
    throw new AlluviumError(
      "EXPECT_TABLE_NOT_VIEW",
      { name: parts.join(".") },
      `${parts.join(".")} is a view; this statement needs a table`,
    );
  }
  const tablePath = tablePathOf(context, parts);
  if (await tableExists(context.engine, tablePath)) return tablePath;
  throw await notFound(context, parts, text);
}

async function notFound(context: FrameContext, parts: NameParts, text: string): Promise<AlluviumError> {
  const name = parts.join(".");
  const views = context.catalog.entries().map((entry) => entry.name.join("."));
  const known = [...context.views.keys(), ...views, ...(await tableNames(context))];
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
