// format/schema/computed-column.ts: columns whose values the writer finds when the rows lack them. PROTOCOL.md, "Generated Columns",
// "Default Columns" and "Identity Columns".
import { corruptLog } from "../text/expect.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import type { StructField, StructType } from "./schema.ts";

/** How the values of a column come about; expressions are Spark's SQL. */
export type ComputedColumn =
  /** A function of the row's other columns; a value that is given must agree with it. */
  | { readonly kind: "generated"; readonly expressionSql: string }
  /** What stands where no value is given. */
  | { readonly kind: "default"; readonly expressionSql: string }
  | { readonly kind: "identity"; readonly identity: Identity };

/** A column of whole numbers `start + n * step`, each given once. */
export interface Identity {
  readonly start: bigint;
  /** Never 0. */
  readonly step: bigint;
  /** `BY DEFAULT`: rows may bring values of their own. */
  readonly allowExplicitInsert: boolean;
  /** The last value given, in the direction of `step`; null before the first. */
  readonly highWaterMark: bigint | null;
}

/**
 * How a top-level column is computed; null for a column that is not.
 * @throws AlluviumError `CORRUPT_LOG` for settings of a column that contradict one another
 */
export function computedColumn(field: StructField): ComputedColumn | null {
  const { metadata } = field;
  const expression = metadata["delta.generationExpression"];
  if (expression !== undefined && expression !== null)
    return { kind: "generated", expressionSql: text(field, "delta.generationExpression", expression) };
  if (Object.keys(metadata).some((key) => key.startsWith(identityPrefix)))
    return { kind: "identity", identity: identityOf(field) };
  const value = metadata[defaultKey];
  return value === undefined || value === null
    ? null
    : { kind: "default", expressionSql: text(field, defaultKey, value) };
}

/** True when some column of the schema is computed in that way. */
export function hasComputedColumn(schema: StructType, kind: ComputedColumn["kind"]): boolean {
  return schema.fields.some((field) => computedColumn(field)?.kind === kind);
}

/** The metadata of an identity column. */
export function identityMetadata({ start, step, allowExplicitInsert, highWaterMark }: Identity): JsonObject {
  return {
    "delta.identity.start": start,
    "delta.identity.step": step,
    "delta.identity.allowExplicitInsert": allowExplicitInsert,
    ...(highWaterMark === null ? {} : { "delta.identity.highWaterMark": highWaterMark }),
  };
}

/**
 * The next value that an identity column gives: the first behind the high-water mark that is `start + n * step`.
 */
export function nextIdentityValue({ start, step, highWaterMark }: Identity): bigint {
  if (highWaterMark === null) return start;
  const passed = (highWaterMark - start) / step; // cut off towards zero, as bigints are
  const isBefore = step > 0n ? highWaterMark < start : highWaterMark > start;
  return isBefore ? start : start + (passed + 1n) * step;
}

/** The schema with the high-water marks of identity columns moved to the values given, by column name. */
export function withHighWaterMarks(schema: StructType, marks: ReadonlyMap<string, bigint>): StructType {
  return {
    kind: "struct",
    fields: schema.fields.map((field) => {
      const mark = marks.get(field.name);
      return mark === undefined
        ? field
        : { ...field, metadata: { ...field.metadata, "delta.identity.highWaterMark": mark } };
    }),
  };
}

/**
 * The schema of rows, without the rules of the table that they were read from: generated values, defaults, identities,
 * invariants and physical names belong to the table that declared them.
 */
export function withoutColumnRules(schema: StructType): StructType {
  if (schema.fields.every(({ metadata }) => Object.keys(metadata).every(isOwnWord))) return schema;
  const fields = schema.fields.map((field) => ({ ...field, metadata: ownMetadata(field.metadata) }));
  return { kind: "struct", fields };
}

/** What a column's metadata says of the column alone, such as its comment. */
export function ownMetadata(metadata: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => isOwnWord(key)));
}

const identityPrefix = "delta.identity.";
const defaultKey = "CURRENT_DEFAULT";
const defaultKeys: ReadonlySet<string> = new Set([defaultKey, "EXISTS_DEFAULT"]);

const isOwnWord = (key: string): boolean => !key.startsWith("delta.") && !defaultKeys.has(key);

function identityOf(field: StructField): Identity {
  const whole = (name: string): bigint => {
    const value = field.metadata[`${identityPrefix}${name}`];
    if (typeof value === "bigint" || Number.isSafeInteger(value)) return BigInt(value as number | bigint);
    throw wrong(field, `${identityPrefix}${name}`, "expected a whole number");
  };
  const step = whole("step");
  if (step === 0n) throw wrong(field, `${identityPrefix}step`, "expected a number other than 0");
  const mark = field.metadata[`${identityPrefix}highWaterMark`];
  return {
    start: whole("start"),
    step,
    allowExplicitInsert: field.metadata[`${identityPrefix}allowExplicitInsert`] === true,
    highWaterMark: mark === undefined || mark === null ? null : whole("highWaterMark"),
  };
}

function text(field: StructField, key: string, value: JsonValue): string {
  if (typeof value === "string") return value;
  throw wrong(field, key, "expected an expression as text");
}

function wrong({ name }: StructField, key: string, problem: string): Error {
  return corruptLog({ path: "metaData.schemaString", field: `${name}.metadata.${key}` }, problem);
}
