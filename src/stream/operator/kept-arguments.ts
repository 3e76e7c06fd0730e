// stream/operator/kept-arguments.ts: aggregates that do not add up (medians, lists, distinct counts, ordered ones) keep what they were given:
// a row of arguments per input row, or per distinct value, in a table beside the groups; in a session, a list within it.
import { describeColumns } from "./describe-columns.ts";
import type { SqlConnection } from "../../engine/base/engine.ts";
import { sqlIdentifier } from "../../engine/base/sql-quote.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { callSql } from "./aggregate-function.ts";
import type { AggregateParts } from "./aggregate-function.ts";
import { emptyRelation } from "../source/empty-relation.ts";
import { idColumn } from "../plan/state-spec.ts";
import type { StateColumn, StateTableSpec } from "../plan/state-spec.ts";
import type { AggregateCall } from "../plan/stream-node.ts";

/** What one aggregate keeps. */
export interface KeptArguments {
  /** Place of the aggregate. */
  readonly index: number;
  readonly table: StateTableSpec;
  /** SQL over the input for each column of the table after the id. */
  readonly sources: readonly string[];
  /** Rows of the input that count; null for all. */
  readonly filter: string | null;
  /** Only rows unlike all others of their group are kept. */
  readonly isDistinct: boolean;
  /** DuckDB SQL of the aggregate over rows of the table. @param filter which rows count */
  readonly result: (filter: string | null) => string;
}

/** Finds out what an aggregate must keep: its arguments without the constant ones, or whole rows where their order counts. */
export async function keptArguments(
  connection: SqlConnection,
  input: StructType,
  { call, index }: { readonly call: AggregateCall; readonly index: number },
): Promise<KeptArguments> {
  const names: string[] = [];
  const sources: string[] = [];
  const args: string[] = [];
  if (call.orderBy !== null) {
    for (const field of input.fields) {
      names.push(field.name);
      sources.push(sqlIdentifier(field.name));
    }
    args.push(...call.args);
  } else {
    for (const argument of call.args) {
      if (await isConstant(connection, argument)) {
        args.push(argument);
        continue;
      }
      args.push(`a${names.length}`);
      names.push(`a${names.length}`);
      sources.push(`(${argument})`);
    }
  }
  const select = sources.map((source, at) => `${source} AS ${sqlIdentifier(names[at] ?? "")}`);
  const columns =
    select.length === 0
      ? []
      : await describeColumns(connection, `SELECT ${select.join(", ")} FROM (${emptyRelation(input)})`);
  return {
    index,
    table: {
      name: `arguments_${index}`,
      columns: [{ name: idColumn, type: "BIGINT" }, ...columns],
      soughtBy: [idColumn],
      isCounted: false,
    },
    sources,
    filter: call.filter,
    isDistinct: call.isDistinct && call.orderBy === null,
    result: (filter) => callSql(call, args, filter),
  };
}

/** The same as a list within the group; for sessions, which merge. */
export function keptAsList({ index, table, sources, filter, isDistinct, result }: KeptArguments): AggregateParts {
  const name = `__p${index}_0`;
  const columns: readonly StateColumn[] = table.columns.slice(1);
  const packed = columns.map((column, at) => `${sqlIdentifier(column.name)} := ${sources[at] ?? ""}`);
  const item = packed.length === 0 ? "{'a0': 1}" : `struct_pack(${packed.join(", ")})`;
  const where = filter === null ? "" : ` FILTER (WHERE ${filter})`;
  const merged = `flatten(list(${name}))`;
  return {
    values: [
      {
        name,
        start: `list(${isDistinct ? "DISTINCT " : ""}${item})${where}`,
        merge: isDistinct ? `list_distinct(${merged})` : merged,
      },
    ],
    result: `(SELECT ${result(null)} FROM (SELECT unnest(__v) FROM (SELECT unnest(${name}) AS __v)))`,
  };
}

/** Some arguments, such as the fraction of a quantile, must stay constants. */
async function isConstant(connection: SqlConnection, sql: string): Promise<boolean> {
  try {
    await connection.rows(`SELECT ${sql}`);
    return true;
  } catch {
    return false; // it speaks of columns
  }
}
