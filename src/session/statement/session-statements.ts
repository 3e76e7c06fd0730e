// session/statement/session-statements.ts: USE, SET and what SHOW tells of the session itself: one catalog, one database, settings as it opened.
import { sparkFunctionNames } from "../../expression/function/function-table.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import { quoteName } from "../../expression/parse/print-syntax.ts";
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import type { SessionStatement } from "../../sql/statement/session-statement.ts";
import type { DataFrame } from "../frame/data-frame.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import { existingTable, resolveQuery } from "../names/resolve-query.ts";
import { answer, nothing } from "../names/statement-answer.ts";

type Of<Kind extends SessionStatement["kind"]> = Extract<SessionStatement, { kind: Kind }>;

/** Names of what there is besides tables: SHOW DATABASES, CATALOGS and FUNCTIONS. */
export function showNames(
  context: FrameContext,
  { what, like }: Of<"show">,
  matches: (name: string) => boolean,
): DataFrame {
  const [column, names] =
    what === "functions"
      ? (["function", [...sparkFunctionNames(), ...context.functions.keys()]] as const)
      : what === "catalogs"
        ? (["catalog", ["spark_catalog"]] as const)
        : (["namespace", ["default"]] as const);
  const found = [...new Set(names)].filter((name) => like === null || matches(name)).toSorted();
  return answer(
    context,
    [column],
    found.map((name) => [name]),
  );
}

/** USE of the only database. @throws AlluviumError `SCHEMA_NOT_FOUND` */
export function use(context: FrameContext, { name }: Of<"use">): DataFrame {
  const written = name.join(".").toLowerCase();
  if (["default", "spark_catalog", "spark_catalog.default"].includes(written)) return nothing(context);
  const message = `there is no database ${JSON.stringify(name.join("."))}; a session has one, "default": its warehouse. Open another session for another folder`;
  throw new AlluviumError("SCHEMA_NOT_FOUND", { name: name.join(".") }, message);
}

const byKey = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : a > b ? 1 : 0);

/** How it always is here, by Spark's names. */
const always: ReadonlyMap<string, string> = new Map([
  ["spark.sql.ansi.enabled", "true"],
  ["spark.sql.caseSensitive", "false"],
  ["spark.sql.session.timeZone", "UTC"],
]);

/** SET. @throws AlluviumError `UNSUPPORTED_FEATURE` where a setting would be another than it is */
export function set(context: FrameContext, { key, value }: Of<"set">): DataFrame {
  const conf = new Map([...always, ...context.conf]);
  if (key === null) return answer(context, ["key", "value"], [...conf].toSorted(byKey));
  const known = conf.get(key);
  if (value !== null && value.toLowerCase() !== known?.toLowerCase()) {
    const now = known === undefined ? "is not set" : `is ${known}`;
    const message = `SET changes no settings: ${key} ${now}; give it when the session opens: Session.open({ conf: { ${JSON.stringify(key)}: ${JSON.stringify(value)} } })`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { statement: "SET", setting: key }, message);
  }
  return answer(context, ["key", "value"], [[key, value ?? known ?? "<undefined>"]]);
}

/** SHOW PARTITIONS: the values of the partition columns. @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND`, `NON_PARTITION_COLUMN` */
export async function showPartitions(
  context: FrameContext,
  { name }: Of<"showPartitions">,
  text: string,
): Promise<DataFrame> {
  const { metadata } = await loadSnapshot(context.engine, await existingTable(context, name, text));
  const columns = metadata.partitionColumns.map(quoteName).join(", ");
  if (columns === "") {
    const message = `${name.join(".")} has no partitions: it is not partitioned by any column`;
    throw new AlluviumError("NON_PARTITION_COLUMN", { table: name.join(".") }, message);
  }
  const query = `SELECT DISTINCT ${columns} FROM ${name.map(quoteName).join(".")} ORDER BY ${columns}`;
  return context.frame({ source: await resolveQuery(context, query), steps: [] });
}

/** SHOW CREATE TABLE: a statement that makes such a table. @throws AlluviumError `TABLE_OR_VIEW_NOT_FOUND` */
export async function showCreateTable(
  context: FrameContext,
  { name }: Of<"showCreateTable">,
  text: string,
): Promise<DataFrame> {
  const tablePath = await existingTable(context, name, text);
  const { metadata, schema, protocol } = await loadSnapshot(context.engine, tablePath);
  const columns = schema.fields.map((one) => {
    const comment = one.metadata["comment"];
    const said = typeof comment === "string" ? ` COMMENT ${sqlLiteral(comment)}` : "";
    return `  ${quoteName(one.name)} ${formatType(one.type).toUpperCase()}${one.nullable ? "" : " NOT NULL"}${said}`;
  });
  const properties = [
    ...metadata.configuration,
    ["delta.minReaderVersion", String(protocol.minReaderVersion)] as const,
    ["delta.minWriterVersion", String(protocol.minWriterVersion)] as const,
  ].toSorted(byKey);
  const isElsewhere = context.catalog.entry(name) !== undefined;
  const lines = [
    `CREATE TABLE ${name.map(quoteName).join(".")} (\n${columns.join(",\n")})`,
    "USING delta",
    ...(metadata.partitionColumns.length === 0
      ? []
      : [`PARTITIONED BY (${metadata.partitionColumns.map(quoteName).join(", ")})`]),
    ...(metadata.description === undefined || metadata.description === null
      ? []
      : [`COMMENT ${sqlLiteral(metadata.description)}`]),
    ...(isElsewhere ? [`LOCATION ${sqlLiteral(tablePath)}`] : []),
    `TBLPROPERTIES (\n${properties.map(([key, value]) => `  ${sqlLiteral(key)} = ${sqlLiteral(value)}`).join(",\n")})`,
  ];
  return answer(context, ["createtab_stmt"], [[`${lines.join("\n")}\n`]]);
}
