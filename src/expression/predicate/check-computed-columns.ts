// expression/predicate/check-computed-columns.ts: may a table have these computed columns and conditions? PROTOCOL.md, "Generated Columns",
// "Default Columns", "Identity Columns" and "CHECK Constraints"; the rules that the protocol leaves open are Delta's.
import { computedColumn } from "../../format/schema/computed-column.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { ErrorCode } from "../../format/text/error.ts";
import { rowConditions } from "../../format/protocol/row-condition.ts";
import { quoteName } from "../../format/schema/schema-check.ts";
import { formatType } from "../../format/schema/schema-type.ts";
import type { StructField, StructType } from "../../format/schema/schema.ts";
import { bindRowExpression } from "./bind-row-expression.ts";
import { tokenize } from "../parse/token.ts";
import { commonType } from "../tree/value-type.ts";

/** A table, as far as its rules go. */
export interface RuledTable {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** Expressions by name. */
  readonly checkConstraints: ReadonlyMap<string, string>;
}

/**
 * Checks the rules of a table that is about to be made.
 * @throws AlluviumError `DELTA_IDENTITY_COLUMNS_*`, `DELTA_INVALID_GENERATED_COLUMN_REFERENCES`,
 *   `DELTA_NON_DETERMINISTIC_EXPRESSION_IN_GENERATED_COLUMN`, `DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH`,
 *   `DELTA_NON_BOOLEAN_CHECK_CONSTRAINT`; `INVALID_PREDICATE` and `COLUMN_NOT_FOUND` for an expression that cannot be read
 */
export function checkComputedColumns(table: RuledTable): void {
  for (const field of table.schema.fields) {
    refuseStandstill(field);
    const column = computedColumn(field);
    if (column?.kind === "identity") checkIdentity(field, table.partitionColumns);
    if (column?.kind === "default") bindRowExpression(column.expressionSql, { kind: "struct", fields: [] });
    if (column?.kind === "generated") checkGenerated(field, column.expressionSql, table.schema);
  }
  for (const { name, expressionSql } of rowConditions(table.schema, table.checkConstraints)) {
    const { type } = bindRowExpression(expressionSql, table.schema);
    if (type === null || (type.kind === "primitive" && type.name === "boolean")) continue;
    const message = `the CHECK constraint ${name} (${expressionSql}) gives ${formatType(type)}; it must be true or false`;
    throw new AlluviumError("DELTA_NON_BOOLEAN_CHECK_CONSTRAINT", { constraint: name }, message);
  }
}

function checkIdentity({ name, type, metadata }: StructField, partitions: readonly string[]): void {
  const fail = (code: ErrorCode, why: string): never => {
    throw new AlluviumError(code, { column: name }, `the identity column ${quoteName(name)} ${why}`);
  };
  if (type.kind !== "primitive" || type.name !== "long")
    fail("DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE", `is ${formatType(type)}; only BIGINT is possible`);
  if (partitions.some((one) => one.toLowerCase() === name.toLowerCase()))
    fail("DELTA_IDENTITY_COLUMNS_PARTITION_NOT_SUPPORTED", "cannot be a partition column");
  if (metadata["delta.generationExpression"] !== undefined || metadata["CURRENT_DEFAULT"] !== undefined)
    fail("DELTA_IDENTITY_COLUMNS_WITH_GENERATED_EXPRESSION", "cannot have an expression too");
}

function refuseStandstill({ name, metadata }: StructField): void {
  const step = metadata["delta.identity.step"];
  if (step !== 0 && step !== 0n) return;
  const message = `the identity column ${quoteName(name)} cannot go by steps of 0`;
  throw new AlluviumError("DELTA_IDENTITY_COLUMNS_ILLEGAL_STEP", { column: name }, message);
}

function checkGenerated(field: StructField, expressionSql: string, schema: StructType): void {
  const column = quoteName(field.name);
  const { columns, type } = bindRowExpression(expressionSql, schema);
  const wrong = columns.find((name) => {
    const other = schema.fields.find((candidate) => candidate.name === name);
    return other !== undefined && (computedColumn(other)?.kind === "generated" || other === field);
  });
  if (wrong !== undefined) {
    const message = `the generated column ${column} is made of ${quoteName(wrong)}, which is generated too; write the whole expression`;
    throw new AlluviumError("DELTA_INVALID_GENERATED_COLUMN_REFERENCES", { column: field.name }, message);
  }
  const moody = [...tokenize(expressionSql)].find(
    (token) => token.kind === "word" && changing.has(token.text.toLowerCase()),
  );
  if (moody !== undefined) {
    const message = `the generated column ${column} uses ${moody.text}, which gives another value each time; a generated value must follow from its row`;
    throw new AlluviumError("DELTA_NON_DETERMINISTIC_EXPRESSION_IN_GENERATED_COLUMN", { column: field.name }, message);
  }
  if (type === null || commonType(type, field.type) !== "none") return;
  const message = `the generated column ${column} is ${formatType(field.type)}, but its expression (${expressionSql}) gives ${formatType(type)}`;
  throw new AlluviumError("DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH", { column: field.name }, message);
}

const changing: ReadonlySet<string> = new Set(
  "rand random randn uuid shuffle current_timestamp current_date now localtimestamp curdate unix_timestamp monotonically_increasing_id".split(
    " ",
  ),
);
