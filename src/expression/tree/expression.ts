// expression/tree/expression.ts: a predicate as data. It is asked for in three ways: against partition values,
// against statistics, and as DuckDB SQL against rows.
import type { StructType } from "../../format/schema/schema.ts";

/** A literal value in a predicate, in the units of Delta's types. */
export type Literal =
  | { readonly type: "null" }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "decimal"; readonly text: string }
  | { readonly type: "double"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "binary"; readonly value: Uint8Array }
  | { readonly type: "date"; readonly days: number }
  | { readonly type: "timestamp"; readonly micros: bigint }
  | { readonly type: "timestamp_ntz"; readonly micros: bigint };

/** Comparison operators; `<=>` is equality that takes null as a value. */
export type Comparison = "=" | "<=>" | "<>" | "<" | "<=" | ">" | ">=";

/**
 * The shapes that pruning and skipping understand, and `opaque` for everything else: an opaque part is evaluated by
 * DuckDB on rows and never prunes. Column paths are resolved: they spell names as the schema does.
 */
export type Expression =
  | { readonly kind: "column"; readonly path: readonly string[] }
  | { readonly kind: "literal"; readonly literal: Literal }
  | { readonly kind: "compare"; readonly op: Comparison; readonly left: Expression; readonly right: Expression }
  | { readonly kind: "and" | "or"; readonly operands: readonly Expression[] }
  | { readonly kind: "not"; readonly operand: Expression }
  | { readonly kind: "isNull" | "isNotNull"; readonly operand: Expression }
  | { readonly kind: "in"; readonly operand: Expression; readonly values: readonly Expression[] }
  | { readonly kind: "startsWith"; readonly operand: Expression; readonly prefix: string }
  | { readonly kind: "opaque"; readonly columns: readonly (readonly string[])[] };

/** A predicate bound to a schema. */
export interface Predicate {
  /** The text as it was given; for messages and `commitInfo`. */
  readonly text: string;
  /** The shape, for pruning and skipping. */
  readonly expression: Expression;
  /** The same as DuckDB SQL over columns named as in the schema; NULL counts as false. */
  readonly sql: string;
  /** Top-level columns it reads, spelled as in the schema. */
  readonly columns: readonly string[];
  /** True when it reads partition columns only (or none), so that whole files answer it. */
  readonly isPartitionOnly: boolean;
}

/** What a predicate is bound to. */
export interface PredicateScope {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  /** Statistics and partition values go by physical names. PROTOCOL.md, "Column Mapping". Absent: by the schema's. */
  readonly isMapped?: boolean;
}
