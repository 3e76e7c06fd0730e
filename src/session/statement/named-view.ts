// session/statement/named-view.ts: views: temporary ones, which live in the session, and those that the warehouse keeps.
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { tableExists } from "../../log/snapshot/load-snapshot.ts";
import { tokenize } from "../../expression/parse/token.ts";
import type { Statement } from "../../sql/statement/statement.ts";
import type { NameParts } from "../../sql/words/statement-words.ts";
import type { CatalogEntry } from "../plan/catalog-entry.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { type Plan, inputsOf, isStreamingPlan } from "../plan/plan.ts";
import { resolveQuery, tablePathOf, viewPlan } from "../names/resolve-query.ts";
import { temporaryView, viewOf } from "../names/view-of-name.ts";
import { planSchema } from "../run/source-relation.ts";
import { nothing } from "../names/statement-answer.ts";

type CreateView = Extract<Statement, { kind: "createView" }>;

/**
 * CREATE [OR REPLACE] [TEMP] VIEW.
 * @throws AlluviumError `TEMP_TABLE_OR_VIEW_ALREADY_EXISTS`, `TABLE_OR_VIEW_ALREADY_EXISTS`, `INSERT_COLUMN_ARITY_MISMATCH`;
 * `INVALID_TEMP_OBJ_REFERENCE`, `RECURSIVE_VIEW` and `UNSUPPORTED_FEATURE` for a query that no other session could run
 */
export async function createView(context: FrameContext, statement: CreateView): Promise<DataFrame> {
  return statement.isTemporary ? createTemporary(context, statement) : createPermanent(context, statement);
}

async function createTemporary(context: FrameContext, statement: CreateView): Promise<DataFrame> {
  const { name, orReplace, ifNotExists } = statement;
  const key = name.join(".").toLowerCase();
  if (context.views.has(key) && !orReplace) {
    if (ifNotExists) return nothing(context);
    throw new AlluviumError(
      "TEMP_TABLE_OR_VIEW_ALREADY_EXISTS",
      { name: key },
      `the view ${name.join(".")} exists already; say CREATE OR REPLACE TEMP VIEW`,
    );
  }
  context.views.set(key, await queryPlanOf(context, statement));
  return nothing(context);
}

async function createPermanent(context: FrameContext, statement: CreateView): Promise<DataFrame> {
  const { name, orReplace, ifNotExists, query, columns, comment } = statement;
  const { catalog, engine } = context;
  const label = name.join(".");
  const entry = catalog.entry(name);
  const isTable = entry === undefined ? await tableExists(engine, tablePathOf(context, name)) : entry.kind === "table";
  if (isTable || (entry !== undefined && !orReplace)) {
    if (ifNotExists) return nothing(context);
    throw alreadyThere(label, isTable);
  }
  checkFunctions(context, query, label);
  const plan = await queryPlanOf(context, statement);
  await checkReferences(context, plan, name);
  const made: CatalogEntry = { kind: "view", name, query: query.replace(/;\s*$/, ""), columns, comment };
  if (!(await catalog.put(engine.files, made, orReplace))) throw alreadyThere(label, false);
  return nothing(context);
}

function alreadyThere(name: string, isTable: boolean): AlluviumError {
  const what = isTable ? "table" : "view";
  const help = isTable ? "give the view another name" : "say CREATE OR REPLACE VIEW or CREATE VIEW IF NOT EXISTS";
  return new AlluviumError("TABLE_OR_VIEW_ALREADY_EXISTS", { name }, `the ${what} ${name} exists already; ${help}`);
}

/** The plan of a view's query, once it is known to run. */
async function queryPlanOf(context: FrameContext, { name, columns, query }: CreateView): Promise<Plan> {
  const plan: Plan = { source: await resolveQuery(context, query), steps: [] };
  if (columns === null && isStreamingPlan(plan)) return plan;
  const { fields } = await planSchema(context, plan);
  if (columns === null) return plan;
  if (columns.length !== fields.length) {
    const message = `the view ${name.join(".")} names ${columns.length} columns, but its query gives ${fields.length}`;
    throw new AlluviumError("INSERT_COLUMN_ARITY_MISMATCH", { name: name.join(".") }, message);
  }
  const expressions = columns.map((to, index) => `${quoteName(fields[index]?.name ?? "")} AS ${quoteName(to)}`);
  return { ...plan, steps: [{ kind: "select", expressions }] };
}

/** A view outlives the session; what it reads must too. */
async function checkReferences(context: FrameContext, plan: Plan, name: NameParts): Promise<void> {
  const label = name.join(".");
  if (isStreamingPlan(plan)) {
    const message = `the view ${label} would read a stream; views of streams live as long as the session: say CREATE TEMP VIEW`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { name: label }, message);
  }
  if (readsTemporary(context, plan)) throw temporaryReference(label, "a temporary view");
  await checkRecursion(context, plan, { name, path: [name] });
}

function readsTemporary(context: FrameContext, plan: Plan): boolean {
  const views = new Set(context.views.values());
  return inputsOf(plan.source).some((input) => views.has(input) || readsTemporary(context, input));
}

function temporaryReference(name: string, what: string): AlluviumError {
  const message = `the view ${name} outlives the session, but reads ${what}; say CREATE TEMP VIEW`;
  return new AlluviumError("INVALID_TEMP_OBJ_REFERENCE", { name }, message);
}

function checkFunctions({ functions }: FrameContext, query: string, name: string): void {
  const tokens = tokenize(query);
  const call = tokens.find(
    (token, index) =>
      token.kind === "word" && tokens[index + 1]?.text === "(" && functions.has(token.text.toLowerCase()),
  );
  if (call !== undefined) throw temporaryReference(name, `the function ${call.text}, which was registered in it`);
}

interface ViewWalk {
  readonly name: NameParts;
  readonly path: readonly NameParts[];
}

async function checkRecursion(context: FrameContext, plan: Plan, { name, path }: ViewWalk): Promise<void> {
  for (const input of [plan, ...inputsOf(plan.source)]) {
    const { source } = input;
    if (source.kind === "view") {
      const next = [...path, source.entry.name];
      if (source.entry.name.join(".").toLowerCase() === name.join(".").toLowerCase()) {
        const message = `the view would read itself: ${next.map((parts) => parts.join(".")).join(" -> ")}`;
        throw new AlluviumError("RECURSIVE_VIEW", { name: name.join(".") }, message);
      }
      await checkRecursion(context, await viewPlan(context, source.entry), { name, path: next });
    } else if (input !== plan) await checkRecursion(context, input, { name, path });
  }
}

/** DROP VIEW [IF EXISTS]. @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND`, `EXPECT_VIEW_NOT_TABLE` */
export async function dropView(
  context: FrameContext,
  { name, ifExists }: Pick<Extract<Statement, { kind: "drop" }>, "name" | "ifExists">,
): Promise<DataFrame> {
  const { catalog, engine } = context;
  const label = name.join(".");
  if (temporaryView(context, name) !== undefined) {
    context.views.delete(label.toLowerCase());
    return nothing(context);
  }
  if (viewOf(context, name) !== undefined) {
    await catalog.remove(engine.files, name);
    return nothing(context);
  }
  if (await tableExists(engine, tablePathOf(context, name))) {
    const message = `${label} is a table; say DROP TABLE`;
    throw new AlluviumError("EXPECT_VIEW_NOT_TABLE", { name: label }, message);
  }
  if (ifExists) return nothing(context);
  const known = [...context.views.keys(), ...catalog.entries().map((entry) => entry.name.join("."))];
  const message = `there is no view ${JSON.stringify(label)}.${suggestion(label, known)}`;
  throw new AlluviumError("TABLE_OR_VIEW_NOT_FOUND", { name: label }, message);
}
