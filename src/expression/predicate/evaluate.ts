// expression/predicate/evaluate.ts: what partition values and statistics of a file say about a predicate. A file is given up only
// when no row of it can match. PROTOCOL.md, "Per-file Statistics".
import type { PartitionValues } from "../../format/action/action.ts";
import { physicalName, physicalPath } from "../../format/protocol/column-mapping.ts";
import { boundAt, nullCountAt, readBound } from "../../format/value/file-stats.ts";
import type { FileStats } from "../../format/value/file-stats.ts";
import { parsePartitionValue } from "../../format/value/partition-value.ts";
import type { PartitionScalar } from "../../format/value/partition-value.ts";
import type { DataType, StructField, StructType } from "../../format/schema/schema.ts";
import type { Expression, PredicateScope } from "../tree/expression.ts";
import { isTrue, possibleOutcomes } from "./outcome.ts";
import type { ColumnRange, Outcomes, RangeLookup } from "./outcome.ts";
import { floatingNames, isOneOf } from "../tree/value-type.ts";

/** How many rows of a file match: all of them, none, or it takes reading to know. */
export type Verdict = "all" | "none" | "some";

/** What the log knows about a file. */
export interface FileFacts {
  readonly partitionValues: PartitionValues;
  /** Null when there are none, or when they are not to be used. */
  readonly stats: FileStats | null;
}

/**
 * Judges by partition values alone. A row whose answer is null does not match.
 * @throws AlluviumError `CORRUPT_LOG` when a partition value is no value of its column's type
 */
export function partitionVerdict(expression: Expression, values: PartitionValues, scope: PredicateScope): Verdict {
  return fileVerdict(expression, { partitionValues: values, stats: null }, scope);
}

/** Judges by statistics alone: nothing is assumed of partition columns. */
export function statsVerdict(expression: Expression, stats: FileStats, scope: PredicateScope): "none" | "some" {
  if (stats.numRecords === 0) return "none";
  const columns = statsColumnLookup(scope);
  const partitions = partitionNames(scope);
  const outcomes = possibleOutcomes(expression, (path) =>
    partitions.has(path[0] ?? "") ? undefined : statsRange(columns(path), stats),
  );
  return outcomes & isTrue ? "some" : "none";
}

/**
 * Judges by everything that the log knows.
 * @throws AlluviumError `CORRUPT_LOG` when a partition value is no value of its column's type
 */
export function fileVerdict(expression: Expression, facts: FileFacts, scope: PredicateScope): Verdict {
  return fileJudge(expression, scope)(facts);
}

/** `fileVerdict` for many files. */
export function fileJudge(expression: Expression, scope: PredicateScope): (facts: FileFacts) => Verdict {
  const columns = statsColumnLookup(scope);
  const partitions = partitionNames(scope);
  const parse = partitionParser();
  return ({ partitionValues, stats }) => {
    if (stats?.numRecords === 0) return "none";
    const lookup: RangeLookup = (path) => {
      const name = path[0] ?? "";
      const partition = partitions.get(name);
      if (partition === undefined) return stats === null ? undefined : statsRange(columns(path), stats);
      return exactRange(parse(partitionText(partitionValues, partition.key), partition.type), partition.type);
    };
    return verdictOf(possibleOutcomes(expression, lookup));
  };
}

/** The text of a partition value in the log; one that is not there is null. Names compare without regard to case. */
export function partitionText(values: PartitionValues, name: string): string | null {
  const exact = values.get(name);
  if (exact !== undefined) return exact;
  const wanted = name.toLowerCase();
  for (const [key, value] of values) if (key.toLowerCase() === wanted) return value;
  return null;
}

function verdictOf(outcomes: Outcomes): Verdict {
  if ((outcomes & isTrue) === 0) return "none";
  return outcomes === isTrue ? "all" : "some";
}

/** What statistics say of a column: its type, its path in them, and whether it was of single precision once. */
interface StatsColumn {
  readonly type: DataType;
  readonly path: readonly string[];
  readonly wasFloat: boolean;
}

type StatsColumnLookup = (path: readonly string[]) => StatsColumn | undefined;

function statsColumnLookup({ schema, isMapped }: PredicateScope): StatsColumnLookup {
  const known = new Map<string, StatsColumn | undefined>();
  return (path) => {
    const key = path.join("\0");
    if (!known.has(key)) {
      const field = fieldAt(schema, path);
      const stored = isMapped === true ? physicalPath(schema, path) : path;
      known.set(key, field && { type: field.type, path: stored, wasFloat: wasFloat(field) });
    }
    return known.get(key);
  };
}

function fieldAt(schema: StructType, path: readonly string[]): StructField | undefined {
  let type: DataType | undefined = schema;
  let field: StructField | undefined;
  for (const name of path) {
    field = type?.kind === "struct" ? type.fields.find((child) => child.name === name) : undefined;
    type = field?.type;
  }
  return field;
}

/** PROTOCOL.md, "Type Change Metadata". */
function wasFloat({ type, metadata }: StructField): boolean {
  return isOneOf(type, ["double"]) && metadata["delta.typeChanges"] !== undefined;
}

interface PartitionColumn {
  readonly type: DataType;
  /** Its name in partition values. */
  readonly key: string;
}

function partitionNames(scope: PredicateScope): ReadonlyMap<string, PartitionColumn> {
  const names = new Set(scope.partitionColumns.map((name) => name.toLowerCase()));
  const fields = scope.schema.fields.filter((field) => names.has(field.name.toLowerCase()));
  return new Map(
    fields.map((field) => {
      const key = scope.isMapped === true ? physicalName(field) : field.name;
      return [field.name, { type: field.type, key }];
    }),
  );
}

/** Partition values repeat from file to file: each text is parsed once. */
function partitionParser(): (text: string | null, type: DataType) => PartitionScalar {
  const parsed = new Map<DataType, Map<string | null, PartitionScalar>>();
  return (text, type) => {
    const ofType = parsed.get(type) ?? new Map<string | null, PartitionScalar>();
    parsed.set(type, ofType);
    const known = ofType.get(text);
    if (known !== undefined) return known;
    const value = parsePartitionValue(text, type);
    ofType.set(text, value);
    return value;
  };
}

function exactRange(value: PartitionScalar, type: DataType): ColumnRange {
  return { type, min: value, max: value, mayBeNull: value === null, mayHaveValue: value !== null };
}

function statsRange(column: StatsColumn | undefined, stats: FileStats): ColumnRange | undefined {
  if (column === undefined) return undefined;
  const { type, path } = column;
  const nullCount = nullCountAt(stats.nullCount, path);
  const { numRecords } = stats;
  // A count of null that is neither 0 nor all says the same whether bounds are tight or not: there may be both.
  return {
    type,
    min: lowerBound(column, stats),
    // Statistics leave NaN out, and NaN is above every number.
    max: isOneOf(type, floatingNames) ? null : readBound(boundAt(stats.maxValues, path), type, "max"),
    mayBeNull: nullCount !== 0,
    mayHaveValue: nullCount === undefined || numRecords === undefined || nullCount < numRecords,
  };
}

function lowerBound({ type, path, wasFloat: isRounded }: StatsColumn, stats: FileStats): PartitionScalar {
  const min = readBound(boundAt(stats.minValues, path), type, "min");
  // Before the epoch some writers cut milliseconds towards zero, which is upwards.
  if (typeof min === "bigint" && min < 0n && isOneOf(type, ["timestamp", "timestamp_ntz"])) return min - 1000n;
  // The shortest text of a float, read as a double, may lie above it.
  return isRounded && typeof min === "number" ? Math.min(min, Math.fround(min)) : min;
}
