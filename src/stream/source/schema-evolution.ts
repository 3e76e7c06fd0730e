// stream/source/schema-evolution.ts: changes of a source's schema that a person must agree to before a stream goes on: columns renamed, dropped
// or made wider. Pure. Delta's rules for streams with a schema tracking log.
import { physicalName } from "../../format/protocol/column-mapping.ts";
import { AlluviumError } from "../../format/text/error.ts";
import type { DataType, StructType } from "../../format/schema/schema.ts";
import { formatType, typeEquals } from "../../format/schema/schema-type.ts";
import { isWiderType } from "../../format/schema/type-widening.ts";
import type { TrackedMetadata } from "./tracked-metadata.ts";

/** Where a person says what may pass; values are `always` or the version of the change. */
export interface EvolutionGates {
  readonly allowSourceColumnRename: string | null;
  readonly allowSourceColumnDrop: string | null;
  readonly allowSourceColumnTypeChange: string | null;
  /** Settings of the session: `spark.databricks.delta.streaming.allowSourceColumn…`, also with `.ckpt_HASH` behind. */
  readonly conf: ReadonlyMap<string, string>;
}

/**
 * Checks that a stream may go on from one entry of its log to the next.
 * @throws AlluviumError `DELTA_STREAMING_CANNOT_CONTINUE_PROCESSING_POST_SCHEMA_EVOLUTION` naming the columns and what lets them pass;
 *   `DELTA_SCHEMA_CHANGED_WITH_VERSION` for a column that became another type, which nothing lets pass
 */
export function checkEvolution(before: TrackedMetadata, after: TrackedMetadata, gates: EvolutionGates): void {
  const changes = changesBetween(before.schema, after.schema);
  const other = changes.filter(({ kind }) => kind === "type");
  if (other.length > 0) throw incompatible(after, other);
  const hash = javaHash(after.sourcePath);
  const blocked = changes.filter(({ kind }) => kind !== "type" && !passes(kind, { after, gates, hash }));
  if (blocked.length === 0) return;
  const kinds = [...new Set(blocked.map(({ kind }) => kind))].filter((kind) => kind !== "type");
  const options = kinds.map((kind) => `option("${gateNames[kind]}", "${after.version}")`).join(", ");
  const setting = `${confPrefix}${kinds[0] === undefined ? "" : gateNames[kinds[0]]}.ckpt_${hash}`;
  const { tableId } = after;
  throw new AlluviumError(
    "DELTA_STREAMING_CANNOT_CONTINUE_PROCESSING_POST_SCHEMA_EVOLUTION",
    { tableId, previousVersion: before.version, version: after.version, checkpointHash: hash },
    `the columns of the stream's source changed between version ${before.version} and version ${after.version}: ${blocked.map(({ text }) => text).join(", ")}. See whether the sink needs the same change; then restart the query with ${options} on readStream ("always" for whatever comes), or with the session setting ${setting} = ${after.version}`,
  );
}

type ChangeKind = "rename" | "drop" | "widen" | "type";

interface ColumnChange {
  readonly kind: ChangeKind;
  /** For a person. */
  readonly text: string;
}

const gateNames = {
  rename: "allowSourceColumnRename",
  drop: "allowSourceColumnDrop",
  widen: "allowSourceColumnTypeChange",
} as const satisfies Record<Exclude<ChangeKind, "type">, keyof EvolutionGates>;

const confPrefix = "spark.databricks.delta.streaming.";

interface GateQuestion {
  readonly after: TrackedMetadata;
  readonly gates: EvolutionGates;
  readonly hash: number;
}

function passes(kind: Exclude<ChangeKind, "type">, { after, gates, hash }: GateQuestion): boolean {
  const version = String(after.version);
  const option = gates[gateNames[kind]];
  if (option === "always" || option === version) return true;
  const names = kind === "widen" ? [gateNames.widen] : [gateNames[kind], "allowSourceColumnRenameAndDrop"];
  return names.some((name) => {
    const [all, one] = [`${confPrefix}${name}`, `${confPrefix}${name}.ckpt_${hash}`].map((key) =>
      gates.conf.get(key)?.toLowerCase(),
    );
    return all === "always" || one === "always" || one === version;
  });
}

/** Told by physical names, so that a column dropped and one added under its name are two. */
function changesBetween(before: StructType, after: StructType): readonly ColumnChange[] {
  const later = new Map(after.fields.map((field) => [physicalName(field), field]));
  return before.fields.flatMap((field): readonly ColumnChange[] => {
    const now = later.get(physicalName(field));
    if (now === undefined) return [{ kind: "drop", text: `${field.name} was dropped` }];
    const renamed: readonly ColumnChange[] =
      now.name === field.name ? [] : [{ kind: "rename", text: `${field.name} is now ${now.name}` }];
    const narrowed: readonly ColumnChange[] =
      field.nullable && !now.nullable ? [{ kind: "type", text: `${now.name} may no longer be null` }] : [];
    return [...renamed, ...narrowed, ...typeChanges(field.type, now.type, now.name)];
  });
}

function typeChanges(before: DataType, after: DataType, name: string): readonly ColumnChange[] {
  if (before.kind === "struct" && after.kind === "struct")
    return changesBetween(before, after).map(({ kind, text }) => ({ kind, text: `in ${name}: ${text}` }));
  if (before.kind === "array" && after.kind === "array")
    return typeChanges(before.elementType, after.elementType, `${name}.element`);
  if (before.kind === "map" && after.kind === "map") {
    const keys = typeChanges(before.keyType, after.keyType, `${name}.key`);
    return [...keys, ...typeChanges(before.valueType, after.valueType, `${name}.value`)];
  }
  if (typeEquals(before, after)) return [];
  const isWider = isWiderType(before, after);
  return [{ kind: isWider ? "widen" : "type", text: `${name} was ${formatType(before)} and is ${formatType(after)}` }];
}

/** As `String.hashCode` in Java, by which a setting names one stream. */
function javaHash(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index += 1) hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  return hash;
}

function incompatible({ tableId, version }: TrackedMetadata, changes: readonly ColumnChange[]): AlluviumError {
  const message = `the schema of the stream's source changed at version ${version} in a way that no stream goes on from: ${changes.map(({ text }) => text).join(", ")}; start with a new checkpoint location and an empty target`;
  return new AlluviumError("DELTA_SCHEMA_CHANGED_WITH_VERSION", { tableId, version, restartHelps: false }, message);
}
