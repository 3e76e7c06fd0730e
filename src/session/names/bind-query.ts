// session/names/bind-query.ts: a query's text with the tables it names: parsed by DuckDB, its columns and types known.
import { type DescribedQuery, describeExactly, ownTypes } from "../../engine/duckdb/duckdb-schema.ts";
import type { SqlConnection } from "../../engine/base/engine.ts";
import { LateCalls } from "../../expression/bind/late-binding.ts";
import type { NamedFunctions } from "../../expression/bind/name-scope.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { emptyRelation } from "../../stream/source/empty-relation.ts";
import { asSyntaxError, bindError, placeOfName } from "../../sql/words/sql-error.ts";
import { expandWindows } from "../../sql/tree/expand-windows.ts";
import { showHidden } from "../../sql/tree/hidden-column.ts";
import { checkNames } from "../../sql/tree/check-names.ts";
import { compareRows } from "../../sql/tree/row-membership.ts";
import { orderStars } from "../../sql/tree/join-stars.ts";
import { columnsOf } from "../../sql/tree/source-columns.ts";
import { hasPivot, withPivotGroups } from "../../sql/tree/pivot-groups.ts";
import { qualifyNames } from "../../sql/tree/qualify-names.ts";
import { expandRows } from "../../sql/tree/whole-rows.ts";
import { queryScope } from "../../sql/translate/query-scope.ts";
import type { LateTypesInput } from "../../sql/tree/asked-types.ts";
import { withLateTypes } from "../../sql/tree/late-types.ts";
import { withUnpivotRows } from "../../sql/tree/unpivot-rows.ts";
import { withSparkGroups } from "../../sql/tree/spark-groups.ts";
import { type Tree, parseTree, printTrees } from "../../sql/tree/query-tree.ts";
import { type TableReference, fillTables, referenceTables, withSparkHabits } from "../../sql/tree/table-references.ts";
import { aliasesIn, translateQuery } from "../../sql/translate/translate-query.ts";
import { metadataColumn, namesMetadata } from "../../reader/metadata-column.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { requireUniqueNames } from "./unique-names.ts";
import { withMetadata } from "./offer-metadata.ts";
import type { Plan, QuerySource } from "../plan/plan.ts";

/** A table of a bound query. */
export interface BoundTable {
  readonly placeholder: string;
  readonly plan: Plan;
  readonly schema: StructType;
}

/** A query that can run: its tree, and its DuckDB text with placeholders for tables. */
export interface BoundQuery {
  readonly text: string;
  /** With windows of time as functions, for streams. */
  readonly tree: Tree;
  /** With windows of time written out. */
  readonly template: string;
  readonly tables: readonly BoundTable[];
  readonly schema: StructType;
}

/** What a name of a query is looked up by. */
export function tableKey({ parts, table }: TableReference): string {
  if (table === null) return JSON.stringify([null, ...parts.map((part) => part.toLowerCase())]);
  return JSON.stringify([{ ...table, options: [...table.options] }, ...parts]);
}

/** The tables that a query names, without a look at any of them. @throws AlluviumError `PARSE_SYNTAX_ERROR` */
export async function tablesOf(context: FrameContext, text: string): Promise<readonly TableReference[]> {
  await using connection = await context.engine.sql.connect();
  return (await parse(connection, text, { schemas: null, functions: context.functions, late: new LateCalls() }))
    .references;
}

/**
 * Binds a query to its tables as they are now.
 * @param schemaOf the columns of a plan
 * @throws AlluviumError `PARSE_SYNTAX_ERROR`, `UNRESOLVED_COLUMN`, `MISSING_AGGREGATION`, `DATATYPE_MISMATCH` pointing at the place
 */
export async function bindQuery(
  context: FrameContext,
  { text, tables, namesMayRepeat = false }: QuerySource,
  schemaOf: (plan: Plan) => Promise<StructType>,
): Promise<BoundQuery> {
  const late = new LateCalls();
  const known = new Map<string, KnownTable>();
  for (const [key, plan] of tables) {
    const hidden = namesMetadata(text) ? await withMetadata(context, plan) : null;
    const shown = hidden === null ? null : { plan: hidden, schema: await schemaOf(hidden) };
    known.set(key, { plan, schema: await schemaOf(plan), shown });
  }
  const schemas = [...known.values()].map((table) => (table.shown ?? table).schema);
  await using connection = await context.engine.sql.connect();
  const { tree: plain, references } = await parse(connection, text, { schemas, functions: context.functions, late });
  const withHidden = new Map<string, string>();
  const bound = references.flatMap((reference, index): readonly BoundTable[] => {
    const table = known.get(tableKey(reference));
    if (table === undefined) throw notThere(reference, text, tables);
    const { placeholder } = reference;
    const { plan, schema, shown } = table;
    if (shown === null) return [{ plan, schema, placeholder }];
    const hidden = `alluvium_table_${firstHidden + index}`;
    withHidden.set(placeholder, hidden);
    return [
      { plan, schema, placeholder },
      { ...shown, placeholder: hidden },
    ];
  });
  const schemaAt = (placeholder: string): StructType | undefined =>
    bound.find((one) => one.placeholder === placeholder)?.schema;
  checkNames(plain, schemaAt, text);
  const long = await withUnpivotRows(connection, plain, late);
  const grouped = hasPivot(long) ? withPivotGroups(long, await context.aggregateNames()) : long;
  const shownTree = showHidden(grouped, { name: metadataColumn, tables: withHidden });
  const parsed = withSparkGroups(
    compareRows(orderStars(expandRows(qualifyNames(shownTree, schemaAt), schemaAt), schemaAt)),
  );
  const empty = (placeholder: string): string => emptyRelation(schemaAt(placeholder) ?? { kind: "struct", fields: [] });
  const input = { connection, late, fill: (sql: string) => fillTables(sql, empty) };
  const tree = await lateTypes(text, input, parsed);
  const expanded = await expandWindows(input, tree);
  const [printed = ""] = await printTrees(connection, [expanded]);
  const read = bound.filter(({ placeholder }) => printed.includes(placeholder));
  const given = await describe(connection, { text, sql: fillTables(printed, empty), schemas });
  const described = {
    ...given,
    schema: asWritten(given.schema, columnsOf(tree, { schemaOf: schemaAt, ctes: new Map() })),
  };
  if (!namesMayRepeat) requireUniqueNames(described.schema, text);
  return { text, tree, template: ownTypes(printed, described), tables: read, schema: described.schema };
}

/** DuckDB gives the second of two columns of one name another, where they come from a sub-query. */
function asWritten(schema: StructType, names: readonly string[] | null): StructType {
  const fields = schema.fields.map((field, index) => {
    const own = names?.[index] ?? field.name;
    const isRepeated = names?.some((name, other) => other < index && name.toLowerCase() === own.toLowerCase());
    return isRepeated === true && /_\d+$/.test(field.name) ? { ...field, name: own } : field;
  });
  return { ...schema, fields };
}

interface KnownTable {
  readonly plan: Plan;
  readonly schema: StructType;
  /** The same with its hidden column, where the query may name that. */
  readonly shown: { readonly plan: Plan; readonly schema: StructType } | null;
}

// Higher than any query has tables.
const firstHidden = 2_000_000;

function notThere({ parts }: TableReference, text: string, tables: QuerySource["tables"]): AlluviumError {
  const name = parts.join(".");
  const known = [...tables.keys()].map((key) => (JSON.parse(key) as readonly unknown[]).slice(1).join("."));
  const message = `the query reads ${name}${placeOfName(text, parts.at(-1) ?? "")}, but what it can read here is ${known.join(", ") || "nothing"}`;
  return new AlluviumError("TABLE_OR_VIEW_NOT_FOUND", { name, query: text }, message);
}

interface Parsed {
  readonly tree: Tree;
  readonly references: readonly TableReference[];
}

interface KnownNames {
  /** Null while the tables are not known: any word may be a column then. */
  readonly schemas: readonly StructType[] | null;
  readonly functions: NamedFunctions;
  readonly late: LateCalls;
}

async function lateTypes(text: string, input: LateTypesInput, tree: Tree): Promise<Tree> {
  try {
    return await withLateTypes(input, tree);
  } catch (error) {
    throw asSyntaxError(text, error);
  }
}

async function parse(connection: SqlConnection, text: string, { schemas, ...known }: KnownNames): Promise<Parsed> {
  try {
    const scope = queryScope(schemas ?? [], aliasesIn(text), known);
    const query = translateQuery(text, schemas === null ? { ...scope, has: () => true } : scope);
    const { tree, references } = referenceTables(await parseTree(connection, query, text), query);
    return { tree: withSparkHabits(tree), references };
  } catch (error) {
    throw asSyntaxError(text, error);
  }
}

interface Described {
  readonly text: string;
  readonly sql: string;
  readonly schemas: readonly StructType[];
}

async function describe(connection: SqlConnection, { text, sql, schemas }: Described): Promise<DescribedQuery> {
  try {
    return await describeExactly(connection, sql);
  } catch (cause) {
    throw bindError(
      text,
      cause,
      schemas.flatMap((schema) => schema.fields.map((field) => field.name)),
    );
  }
}
