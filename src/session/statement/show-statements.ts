// session/statement/show-statements.ts: statements that tell of tables and views: SHOW and DESCRIBE.
import { suggestion } from "../../format/text/did-you-mean.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { findField, formatType } from "../../format/schema/schema-type.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Statement } from "../../sql/statement/statement.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import { describeTable } from "./describe-table.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { Plan } from "../plan/plan.ts";
import { existingTable, resolveQuery } from "../names/resolve-query.ts";
import { viewOf } from "../names/view-of-name.ts";
import { showNames } from "./session-statements.ts";
import { tablesAndViews, viewNames } from "../names/table-names.ts";
import { planSchema } from "../run/source-relation.ts";
import { answer, answerRows, field } from "../names/statement-answer.ts";

/** SHOW TABLES and SHOW VIEWS. */
export async function show(
  context: FrameContext,
  { what, like }: Extract<Statement, { kind: "show" }>,
): Promise<DataFrame> {
  const matches = (name: string): boolean =>
    like === null ||
    new RegExp(`^(?:${like.replaceAll(/[.+^${}()[\]\\]/g, "\\$&").replaceAll("*", ".*")})$`, "i").test(name);
  if (what !== "tables" && what !== "views") return showNames(context, { kind: "show", what, like }, matches);
  const rows = what === "views" ? viewNames(context) : await tablesAndViews(context);
  const nameColumn = what === "views" ? "viewName" : "tableName";
  const schema: StructType = {
    kind: "struct",
    fields: [field("namespace"), field(nameColumn), field("isTemporary", "boolean")],
  };
  const shown = rows.filter(({ name }) => matches(name));
  return answerRows(
    context,
    schema,
    shown.map(({ name, isTemporary }) => ({
      namespace: isTemporary ? "" : "default",
      [nameColumn]: name,
      isTemporary,
    })),
  );
}

/** SHOW TBLPROPERTIES. */
export async function showProperties(
  context: FrameContext,
  { name, key }: Extract<Statement, { kind: "showProperties" }>,
  text: string,
): Promise<DataFrame> {
  const snapshot = await loadSnapshot(context.engine, await existingTable(context, name, text));
  const entries = [
    ...snapshot.metadata.configuration,
    ["delta.minReaderVersion", String(snapshot.protocol.minReaderVersion)],
    ["delta.minWriterVersion", String(snapshot.protocol.minWriterVersion)],
  ] as const;
  const rows = entries
    .filter(([property]) => key === null || property === key)
    .map(([property, value]) => [property, value]);
  const missing = [[key ?? "", `Table ${name.join(".")} does not have property: ${key ?? ""}`]];
  return answer(context, ["key", "value"], key !== null && rows.length === 0 ? missing : rows);
}

/** The plan of a view or a table by its name. */
export async function tablePlan(context: FrameContext, name: readonly string[], text: string): Promise<Plan> {
  return (
    viewOf(context, name) ?? {
      source: { kind: "table", tablePath: await existingTable(context, name, text) },
      steps: [],
    }
  );
}

/** DESCRIBE QUERY: the columns that a query gives. */
export async function describeQueryColumns(context: FrameContext, query: string): Promise<DataFrame> {
  const schema = await planSchema(context, { source: await resolveQuery(context, query), steps: [] });
  return answer(context, ["col_name", "data_type", "comment"], schema.fields.map(columnFacts));
}

const columnFacts = (one: StructField): readonly (string | null)[] => [one.name, formatType(one.type), commentOf(one)];

/** DESCRIBE [DETAIL | HISTORY | EXTENDED]. */
export async function describe(
  context: FrameContext,
  statement: Extract<Statement, { kind: "describe" }>,
  text: string,
): Promise<DataFrame> {
  const { name, what, limit } = statement;
  if (what === "detail" || what === "history") {
    const snapshot = await loadSnapshot(context.engine, await existingTable(context, name, text));
    const { schema, rows } = await describeTable(context.engine, snapshot, { what, limit });
    return answerRows(context, schema, rows);
  }
  const plan = await tablePlan(context, name, text);
  const schema = await planSchema(context, plan);
  if (statement.column !== null) return describeColumn(context, schema, statement.column);
  const rows: (readonly (string | null)[])[] = schema.fields.map(columnFacts);
  if (plan.source.kind === "table" && plan.steps.length === 0)
    rows.push(...(await tableFacts(context, plan.source.tablePath, what)));
  if (plan.source.kind === "view" && what === "extended") rows.push(...viewFacts(plan.source.entry));
  return answer(context, ["col_name", "data_type", "comment"], rows);
}

function describeColumn(context: FrameContext, schema: StructType, column: string): DataFrame {
  const found = findField(schema, column);
  if (found === undefined) {
    const known = schema.fields.map((one) => one.name);
    const message = `there is no column ${JSON.stringify(column)}.${suggestion(column, known)} The columns are: ${known.join(", ")}.`;
    throw new AlluviumError("UNRESOLVED_COLUMN", { name: column }, message);
  }
  const [name, type, comment] = columnFacts(found);
  return answer(
    context,
    ["info_name", "info_value"],
    [
      ["col_name", name ?? ""],
      ["data_type", type ?? ""],
      ["comment", comment ?? "NULL"],
    ],
  );
}

function viewFacts({
  name,
  query,
  comment,
}: Extract<Plan["source"], { kind: "view" }>["entry"]): readonly (readonly string[])[] {
  return [
    ["", "", ""],
    ["# Detailed Table Information", "", ""],
    ["Table", name.join("."), ""],
    ["Type", "VIEW", ""],
    ["Comment", comment ?? "", ""],
    ["View Text", query, ""],
  ];
}

const commentOf = (one: StructField): string | null =>
  typeof one.metadata["comment"] === "string" ? one.metadata["comment"] : null;

async function tableFacts(
  context: FrameContext,
  tablePath: string,
  what: "columns" | "extended",
): Promise<readonly (readonly (string | null)[])[]> {
  const { metadata, schema, version } = await loadSnapshot(context.engine, tablePath);
  const partitions = metadata.partitionColumns.map((name): readonly (string | null)[] => {
    const found = schema.fields.find((one) => one.name.toLowerCase() === name.toLowerCase());
    return found === undefined ? [name, "", null] : [name, formatType(found.type), commentOf(found)];
  });
  const partitioning =
    partitions.length === 0
      ? []
      : [["# Partition Information", "", ""], ["# col_name", "data_type", "comment"], ...partitions];
  if (what === "columns") return partitioning;
  const properties = [...metadata.configuration].map(([key, value]) => `${key}=${value}`).join(",");
  return [
    ...partitioning,
    ["", "", ""],
    ["# Detailed Table Information", "", ""],
    ["Location", tablePath, ""],
    ["Provider", "delta", ""],
    ["Version", String(version), ""],
    ["Comment", metadata.description ?? "", ""],
    ["Table Properties", `[${properties}]`, ""],
  ];
}
