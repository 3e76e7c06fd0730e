// stream/source/tracked-metadata.ts: what a stream reads its table with, as the schema tracking log spells it: Delta's `PersistedMetadata`, for
// Spark to go on with, and from Spark.
import { formatAction, parseActionLine } from "../../format/action/action-json.ts";
import type { Metadata, Protocol } from "../../format/action/action.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import {
  expectCount,
  expectString,
  optionalInteger,
  optionalString,
  optionalTextMap,
} from "../../format/text/expect.ts";
import { version } from "../../format/text/ids.ts";
import type { Version } from "../../format/text/ids.ts";
import { formatJson, isJsonObject, parseJson } from "../../format/text/json-int64.ts";
import { jsonObject } from "../../format/text/json-object.ts";
import { formatSchema, parseSchema } from "../../format/schema/schema-json.ts";
import type { StructType } from "../../format/schema/schema.ts";
import { schemaEquals } from "../../format/schema/schema-type.ts";
import type { LogCodec } from "../checkpoint/metadata-log.ts";

/** What rows of a table are read with. */
export interface ReadMetadata {
  readonly schema: StructType;
  readonly partitionColumns: readonly string[];
  readonly configuration: ReadonlyMap<string, string>;
  readonly protocol: Protocol;
}

/** One entry of the log. */
export interface TrackedMetadata extends ReadMetadata {
  readonly tableId: string;
  /** The version whose rows, and those after it up to the next change, it reads. */
  readonly version: Version;
  /** Whose log it is: the folder of the source inside the checkpoint, as a URI. */
  readonly sourcePath: string;
  /** Number of the entry that this one follows, where that is not the one before it. */
  readonly previousId: number | null;
}

/** What a table's actions say of how it is read. */
export function readMetadataOf(metadata: Metadata, protocol: Protocol): ReadMetadata {
  const { partitionColumns, configuration } = metadata;
  return { schema: parseSchema(metadata.schemaString), partitionColumns, configuration, protocol };
}

/** True where both read the same: settings that only writers heed, and those that are not Delta's, make no difference. */
export function readsAlike(a: ReadMetadata, b: ReadMetadata): boolean {
  return (
    schemaEquals(withoutWriterSettings(a.schema), withoutWriterSettings(b.schema)) &&
    partitionSchemaJson(a) === partitionSchemaJson(b) &&
    sameEntries(deltaSettings(a), deltaSettings(b)) &&
    protocolText(a.protocol) === protocolText(b.protocol)
  );
}

/** The entries as files: one line of JSON, fields in the order of the reference implementation. */
export const trackedMetadataCodec: LogCodec<TrackedMetadata> = {
  name: "schema tracking log",
  format: (entry) => {
    const fields = {
      tableId: entry.tableId,
      deltaCommitVersion: entry.version,
      dataSchemaJson: formatSchema(entry.schema),
      partitionSchemaJson: partitionSchemaJson(entry),
      sourceMetadataPath: entry.sourcePath,
      tableConfigurations: Object.fromEntries(entry.configuration),
      protocolJson: formatAction(entry.protocol),
      previousMetadataSeqNum: entry.previousId ?? undefined,
    };
    return [formatJson(jsonObject(fields))];
  },
  parse: (lines, path) => {
    try {
      return parseEntry(lines[0] ?? "", path);
    } catch (cause) {
      const isSaid = cause instanceof AlluviumError && cause.code !== "CORRUPT_LOG";
      throw isSaid ? cause : damagedLog(path, cause);
    }
  },
};

/** An entry of the log at `path` cannot be read. */
export function damagedLog(path: string, cause: unknown): AlluviumError {
  const reason = messageOf(cause);
  const message = `${path} is no whole entry of a schema tracking log (${reason}): restore it from a copy, or give schemaTrackingLocation a new folder under a new checkpoint`;
  return new AlluviumError("DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED", { path }, message, { cause });
}

function parseEntry(line: string, path: string): TrackedMetadata {
  const value = parseJson(line);
  const place = { path };
  if (!isJsonObject(value)) throw new SyntaxError("it is no object");
  const protocol = parseActionLine(optionalString(value, "protocolJson", place) ?? defaultProtocol, { path, line: 2 });
  if (protocol?.kind !== "protocol") throw new SyntaxError("protocolJson is no protocol");
  const partitions = parseSchemaOf(expectString(value, "partitionSchemaJson", place), path);
  return {
    tableId: expectString(value, "tableId", place),
    version: version(expectCount(value, "deltaCommitVersion", place)),
    schema: parseSchemaOf(expectString(value, "dataSchemaJson", place), path),
    partitionColumns: partitions.fields.map((field) => field.name),
    sourcePath: expectString(value, "sourceMetadataPath", place),
    configuration: settings(optionalTextMap(value, "tableConfigurations", place)),
    protocol,
    previousId: optionalInteger(value, "previousMetadataSeqNum", place) ?? null,
  };
}

/** Old entries have none: what they read asks for nothing. */
const defaultProtocol = '{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}';

function settings(map: ReadonlyMap<string, string | null> | undefined): ReadonlyMap<string, string> {
  return new Map([...(map ?? [])].flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

function parseSchemaOf(text: string, path: string): StructType {
  try {
    return parseSchema(text);
  } catch (cause) {
    if (cause instanceof AlluviumError && cause.code === "UNSUPPORTED_FEATURE") throw cause;
    const message = `the schema in ${path} cannot be understood: restore the entry from a copy, or give schemaTrackingLocation a new folder under a new checkpoint`;
    throw new AlluviumError("DELTA_STREAMING_SCHEMA_LOG_PARSE_SCHEMA_FAILED", { path }, message, { cause });
  }
}

function partitionSchemaJson({ schema, partitionColumns }: ReadMetadata): string {
  const fields = partitionColumns.flatMap((name) => schema.fields.filter((field) => field.name === name));
  return formatSchema({ kind: "struct", fields });
}

function withoutWriterSettings(schema: StructType): StructType {
  const isWriters = (name: string): boolean =>
    /^(?:delta\.identity\..*|delta\.generationExpression|CURRENT_DEFAULT|EXISTS_DEFAULT)$/.test(name);
  const fields = schema.fields.map((field) => ({
    ...field,
    metadata: Object.fromEntries(Object.entries(field.metadata).filter(([name]) => !isWriters(name))),
  }));
  return { kind: "struct", fields };
}

function deltaSettings({ configuration }: ReadMetadata): ReadonlyMap<string, string> {
  return new Map([...configuration].filter(([name]) => name.startsWith("delta.")));
}

function sameEntries(a: ReadonlyMap<string, string>, b: ReadonlyMap<string, string>): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name) === value);
}

function protocolText({ minReaderVersion, minWriterVersion, readerFeatures, writerFeatures }: Protocol): string {
  const features = [readerFeatures, writerFeatures].map((names) => [...(names ?? [])].toSorted());
  return JSON.stringify([minReaderVersion, minWriterVersion, features]);
}
