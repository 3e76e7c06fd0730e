// table/alter/alter-constraints.ts: CHECK constraints that come and go. PROTOCOL.md, "CHECK Constraints".
import { bindRowExpression } from "../../expression/predicate/bind-row-expression.ts";
import { checkComputedColumns } from "../../expression/predicate/check-computed-columns.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { scannedFiles } from "../../reader/scanned-files.ts";
import { scannedTable, scanRelation } from "../../reader/scan-relation.ts";
import type { Alteration } from "./alteration.ts";
import type { TableHead } from "../rows/file-changes.ts";

/** A change of a table's constraints; `expression` is Spark's SQL. */
export type ConstraintChange =
  | { readonly kind: "addConstraint"; readonly name: string; readonly expression: string }
  | { readonly kind: "dropConstraint"; readonly name: string; readonly ifExists?: boolean };

/** What the change comes to. @throws AlluviumError of the change, before anything is written */
export async function alterConstraints(head: TableHead, change: ConstraintChange): Promise<Alteration> {
  return change.kind === "addConstraint" ? addConstraint(head, change) : dropConstraint(head, change);
}

async function addConstraint(
  head: TableHead,
  { name, expression }: Extract<ConstraintChange, { kind: "addConstraint" }>,
): Promise<Alteration> {
  const { metadata, schema } = head.snapshot;
  if (name.trim() === "")
    throw new AlluviumError("DELTA_INVALID_CONSTRAINT_NAME", { constraint: name }, "a constraint needs a name");
  const before = constraintNamed(head, name);
  if (before !== null) {
    const message = `the table has a constraint ${name} already: ${before.expression}; drop it first`;
    throw new AlluviumError("DELTA_CONSTRAINT_ALREADY_EXISTS", { constraint: name }, message);
  }
  const checkConstraints = new Map([[name, expression]]);
  checkComputedColumns({ schema, partitionColumns: metadata.partitionColumns, checkConstraints });
  await refuseViolations(head, name, expression);
  const configuration = new Map(metadata.configuration).set(`${prefix}${name.toLowerCase()}`, expression);
  return {
    operation: "ADD CONSTRAINT",
    parameters: { name, expr: expression },
    metadata: { ...metadata, configuration },
    readsRows: true,
  };
}

function dropConstraint(
  head: TableHead,
  { name, ifExists }: Extract<ConstraintChange, { kind: "dropConstraint" }>,
): Alteration {
  const before = constraintNamed(head, name);
  if (before === null) {
    if (ifExists === true) return null;
    const message = `the table has no constraint ${name}; its constraints: ${[...head.snapshot.properties.checkConstraints.keys()].join(", ") || "none"}`;
    throw new AlluviumError("DELTA_CONSTRAINT_DOES_NOT_EXIST", { constraint: name }, message);
  }
  const { metadata } = head.snapshot;
  const configuration = new Map(metadata.configuration);
  configuration.delete(before.key);
  return {
    operation: "DROP CONSTRAINT",
    parameters: { name, expr: before.expression, existed: "true" },
    metadata: { ...metadata, configuration },
  };
}

const prefix = "delta.constraints.";

interface Constraint {
  readonly key: string;
  readonly expression: string;
}

function constraintNamed({ snapshot }: TableHead, name: string): Constraint | null {
  const wanted = `${prefix}${name}`.toLowerCase();
  for (const [key, expression] of snapshot.metadata.configuration)
    if (key.toLowerCase() === wanted) return { key, expression };
  return null;
}

/** Rows that are there must satisfy the condition; null does not, as in the reference implementation. */
async function refuseViolations({ engine, snapshot }: TableHead, name: string, expression: string): Promise<void> {
  const table = scannedTable(snapshot);
  const { sql, columns } = bindRowExpression(expression, snapshot.schema);
  await using connection = await engine.sql.connect();
  let count = 0n;
  for await (const chunk of snapshot.files.chunks()) {
    const rows = scanRelation(table, await scannedFiles(engine, table, { files: chunk, columns }), { columns });
    const [row] = await connection.rows(
      `SELECT count(*) AS n FROM (${rows}) WHERE NOT coalesce(CAST((${sql}) AS BOOLEAN), false)`,
    );
    count += BigInt(Number(row?.["n"] ?? 0));
  }
  if (count === 0n) return;
  const message = `${count} rows in ${snapshot.tablePath} violate the new CHECK constraint ${name} (${expression}); nothing was changed. Mend or delete them first.`;
  throw new AlluviumError("DELTA_NEW_CHECK_CONSTRAINT_VIOLATION", { constraint: name, rowCount: count }, message);
}
