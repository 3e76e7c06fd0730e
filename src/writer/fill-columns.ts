// writer/fill-columns.ts: values for the columns that rows lack: generated values, defaults and identities, all found by DuckDB.
import type { Engine } from "../engine/base/engine.ts";
import { duckdbType } from "../engine/duckdb/duckdb-type.ts";
import { sqlIdentifier, sqlParquetFiles } from "../engine/base/sql-quote.ts";
import { temporaryDirectory } from "../engine/files/temporary-directory.ts";
import { bindRowExpression } from "../expression/predicate/bind-row-expression.ts";
import { computedColumn, nextIdentityValue } from "../format/schema/computed-column.ts";
import type { ComputedColumn, Identity } from "../format/schema/computed-column.ts";
import { AlluviumError } from "../format/text/error.ts";
import type { StructField, StructType } from "../format/schema/schema.ts";
import { tableProperties } from "../format/property/table-property.ts";
import { projectRelation } from "./project-relation.ts";
import type { Rows } from "./rows.ts";
import { writeArrow } from "./write-arrow.ts";
import { nullableStruct } from "../format/schema/map-fields.ts";
import { planWriteSchema } from "./write-schema.ts";
import type { WriteTarget } from "./write-target.ts";

/** Rows with every column that the table computes; dispose them when they are written. */
export interface FilledRows extends AsyncDisposable {
  readonly rows: Rows;
  /** Columns that were filled. */
  readonly computed: ReadonlySet<string>;
  /** Identity columns that were filled, as they were before. */
  readonly identities: ReadonlyMap<string, Identity>;
}

/**
 * Fills the columns that the rows lack. Rows that lack none are given back as they are.
 * @throws AlluviumError `DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED` for rows that bring values of a column that is always
 *   generated; `INVALID_PREDICATE` and `COLUMN_NOT_FOUND` for an expression of the table that cannot be understood
 */
export async function fillColumns(engine: Engine, target: WriteTarget, rows: Rows): Promise<FilledRows> {
  const given = new Set(rows.schema.fields.map(({ name }) => name.toLowerCase()));
  const missing: Missing[] = [];
  for (const field of target.schema.fields) {
    const column = computedColumn(field);
    if (column === null) continue;
    if (!given.has(field.name.toLowerCase())) missing.push({ field, column });
    else refuseExplicit(field, column, target);
  }
  const computed = new Set(missing.map(({ field }) => field.name));
  const identities = new Map(
    missing.flatMap(({ field, column }) => (column.kind === "identity" ? [[field.name, column.identity]] : [])),
  );
  if (missing.length === 0) return { rows, computed, identities, [Symbol.asyncDispose]: () => Promise.resolve() };
  const present = target.schema.fields.filter((field) => !computed.has(field.name));
  const source = await asRelation(engine, rows, { kind: "struct", fields: present });
  const sql = filledSql(source.sql, { present, missing, schema: target.schema });
  const schema: StructType = { kind: "struct", fields: [...present, ...missing.map(({ field }) => field)] };
  return {
    rows: { kind: "relation", schema, sql },
    computed,
    identities,
    [Symbol.asyncDispose]: () => source[Symbol.asyncDispose](),
  };
}

/** The last value that each identity column gave to `rowCount` rows; nothing where there were none. */
export function highWaterMarks(identities: FilledRows["identities"], rowCount: number): ReadonlyMap<string, bigint> {
  if (rowCount === 0) return new Map();
  return new Map(
    Array.from(identities, ([name, identity]) => [
      name,
      nextIdentityValue(identity) + identity.step * BigInt(rowCount - 1),
    ]),
  );
}

interface Missing {
  readonly field: StructField;
  readonly column: ComputedColumn;
}

function refuseExplicit({ name }: StructField, column: ComputedColumn, { rowOrigin }: WriteTarget): void {
  if (column.kind !== "identity" || column.identity.allowExplicitInsert || rowOrigin === "changed") return;
  const message = `the column ${name} is GENERATED ALWAYS AS IDENTITY, so rows cannot bring values of it; leave it out`;
  throw new AlluviumError("DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED", { column: name }, message);
}

interface RelationSource extends AsyncDisposable {
  readonly sql: string;
}

/** The rows as a SELECT of the columns that they have, in the table's types. */
async function asRelation(engine: Engine, rows: Rows, schema: StructType): Promise<RelationSource> {
  const { columns } = planWriteSchema({ tableSchema: schema, partitionColumns: [], dataSchema: rows.schema });
  if (rows.kind !== "arrow") {
    const sql = projectRelation(rows.kind === "files" ? rows.relation : rows.sql, rows.schema, columns);
    return { sql, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  // Rows from JavaScript lie in files on their way: DuckDB knows the expressions.
  const folder = await temporaryDirectory();
  try {
    const sql = await stageArrow(engine, rows, { folder: folder.path, schema });
    return { sql, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
  } catch (cause) {
    await folder[Symbol.asyncDispose]();
    throw cause;
  }
}

/** Where rows lie on their way, and the columns that they have then. */
export interface StagedArrow {
  /** Absolute; made where it is not there. */
  readonly folder: string;
  readonly schema: StructType;
}

/** Writes rows from JavaScript into files of a folder, and gives a SELECT of them. @throws AlluviumError as `writeArrow` */
export async function stageArrow(
  engine: Engine,
  rows: Extract<Rows, { readonly kind: "arrow" }>,
  { folder, schema }: StagedArrow,
): Promise<string> {
  const { columns } = planWriteSchema({ tableSchema: schema, partitionColumns: [], dataSchema: rows.schema });
  const paths: string[] = [];
  await writeArrow(
    engine,
    {
      tablePath: folder,
      schema: nullableStruct(schema),
      partitionColumns: [],
      properties: tableProperties(new Map()),
    },
    {
      batches: rows.batches,
      columns,
      writeId: engine.random.uuid(),
      onFile: (file) => void paths.push(`${folder}/${file.relativePath}`),
    },
  );
  return stagedSql(paths, schema);
}

function stagedSql(paths: readonly string[], { fields }: StructType): string {
  const columns = fields.map(({ name }) => sqlIdentifier(name)).join(", ");
  if (paths.length > 0) return `SELECT ${columns} FROM ${sqlParquetFiles(paths)}`;
  const nulls = fields.map(({ name, type }) => `CAST(NULL AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`);
  return `SELECT ${nulls.join(", ")} WHERE FALSE`;
}

interface Filling {
  readonly present: readonly StructField[];
  readonly missing: readonly Missing[];
  readonly schema: StructType;
}

/** Generated values may depend on defaults, never the other way round. */
function filledSql(source: string, { present, missing, schema }: Filling): string {
  const names = present.map(({ name }) => sqlIdentifier(name));
  const simple = missing.filter(({ column }) => column.kind !== "generated");
  const generated = missing.filter(({ column }) => column.kind === "generated");
  const valued = simple.map(({ field, column }) => named(field, valueSql(column, schema)));
  const inner = `SELECT ${[...names, ...valued].join(", ")} FROM (${source})`;
  const all = missing.map(({ field, column }) =>
    column.kind === "generated" ? named(field, valueSql(column, schema)) : sqlIdentifier(field.name),
  );
  return generated.length === 0 ? inner : `SELECT ${[...names, ...all].join(", ")} FROM (${inner})`;
}

function named({ name, type }: StructField, sql: string): string {
  return `CAST(${sql} AS ${duckdbType(type)}) AS ${sqlIdentifier(name)}`;
}

function valueSql(column: ComputedColumn, schema: StructType): string {
  switch (column.kind) {
    case "generated":
      return bindRowExpression(column.expressionSql, schema).sql;
    case "default":
      return bindRowExpression(column.expressionSql, { kind: "struct", fields: [] }).sql;
    case "identity": {
      const { identity } = column;
      return `(CAST('${nextIdentityValue(identity)}' AS BIGINT) + (row_number() OVER () - 1) * CAST('${identity.step}' AS BIGINT))`;
    }
  }
}
