// table/rows/files-of-keys.ts: the files of a table that may hold rows of some keys, told by partition values and statistics alone.
import { duckdbType } from "../../engine/duckdb/duckdb-type.ts";
import type { Engine, SqlConnection, SqlRow } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import { bindPredicate } from "../../expression/predicate/bind-predicate.ts";
import type { Literal } from "../../expression/tree/expression.ts";
import type { Syntax, SyntaxShape } from "../../expression/tree/syntax.ts";
import type { AddFile } from "../../format/action/action.ts";
import type { StructField } from "../../format/schema/schema.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { chooseFiles } from "../../reader/plan-scan.ts";

/** The keys that are looked for. */
export interface WantedKeys {
  /** SELECT of rows with the key columns. */
  readonly source: string;
  /** Columns of the table. */
  readonly keys: readonly StructField[];
  /** Conditions on rows of the table that hold besides. */
  readonly conditions?: readonly Syntax[];
}

/** Files that may hold a row whose keys are those of a row of `source`; null keys are equal. The rows must still be asked. */
export async function filesOfKeys(
  engine: Engine,
  snapshot: Snapshot,
  { source, keys, conditions = [] }: WantedKeys,
): Promise<readonly AddFile[]> {
  const told = keys.flatMap((field) => {
    const kind = literalKind(field);
    return kind === null ? [] : [{ field, kind }];
  });
  await using connection = await engine.sql.connect();
  const stretches = told.length === 0 ? [] : await keyStretches(connection, source, told);
  if (told.length > 0 && stretches.length === 0) return []; // no row is looked for
  const operands = stretches.map((row) => all(told.map((key, index) => within(key, index, row))));
  const scope = { schema: snapshot.schema, partitionColumns: snapshot.metadata.partitionColumns };
  const asked = [...conditions, ...(operands.length === 0 ? [] : [node({ kind: "or", operands })])];
  const where = asked.length === 0 ? undefined : bindPredicate(all(asked), scope, "");
  return (await chooseFiles(snapshot, { where })).files;
}

interface ToldKey {
  readonly field: StructField;
  readonly kind: Literal["type"];
}

/** The keys in stretches, one for each key when they are few: the finer, the more files are left out, and the longer it takes. */
const stretchCountMax = 64;

/** For each stretch of the sorted keys, bounds of each column and whether null is among them. */
function keyStretches(connection: SqlConnection, source: string, keys: readonly ToldKey[]): Promise<readonly SqlRow[]> {
  const names = keys.map((_, index) => `k${index}`);
  const columns = keys.map(
    ({ field }, index) => `CAST(${sqlIdentifier(field.name)} AS ${duckdbType(field.type)}) AS k${index}`,
  );
  const bounds = names.map(
    (name) => `min(${name}) AS ${name}_min, max(${name}) AS ${name}_max, bool_or(${name} IS NULL) AS ${name}_null`,
  );
  const tiles = `SELECT *, ntile(${stretchCountMax}) OVER (ORDER BY ${names.join(", ")}) AS tile FROM (SELECT DISTINCT ${columns.join(", ")} FROM (${source}))`;
  return connection.rows(`SELECT ${bounds.join(", ")} FROM (${tiles}) GROUP BY tile`);
}

function within({ field, kind }: ToldKey, index: number, row: SqlRow): Syntax {
  const column = node({ kind: "name", parts: [field.name] });
  const isNull = node({ kind: "isNull", operand: column });
  const [least, most] = [row[`k${index}_min`], row[`k${index}_max`]];
  if (least === null || least === undefined) return isNull;
  const bound = (value: unknown): Syntax =>
    node({ kind: "literal", literal: literalOf(kind, value), type: field.type });
  const between = node({ kind: "between", operand: column, low: bound(least), high: bound(most) });
  return row[`k${index}_null`] === true ? node({ kind: "or", operands: [isNull, between] }) : between;
}

const node = (shape: SyntaxShape): Syntax => ({ ...shape, at: 0 });

const all = (operands: readonly Syntax[]): Syntax => node({ kind: "and", operands });

/** Null for types whose order statistics do not tell: binary numbers have NaN, the rest has no bounds. */
function literalKind({ type }: StructField): Literal["type"] | null {
  if (type.kind === "decimal") return "decimal";
  if (type.kind !== "primitive") return null;
  switch (type.name) {
    case "byte":
    case "short":
    case "integer":
    case "long":
      return "integer";
    case "string":
    case "date":
    case "timestamp":
    case "timestamp_ntz":
      return type.name;
    case "boolean":
    case "float":
    case "double":
    case "binary":
    case "void":
    case "variant":
      return null;
  }
}

function literalOf(type: Literal["type"], value: unknown): Literal {
  switch (type) {
    case "integer":
      return { type, value: BigInt(value as number | bigint) };
    case "decimal":
      return { type, text: String(value) };
    case "date":
      return { type, days: Number(value) };
    case "timestamp":
    case "timestamp_ntz":
      return { type, micros: value as bigint };
    case "string":
    case "null":
    case "boolean":
    case "double":
    case "binary":
      return { type: "string", value: String(value) };
  }
}
