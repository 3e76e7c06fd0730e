// format/table-feature.ts: which features a table needs and which this build has. PROTOCOL.md, "Table Features".
import type { Metadata, Protocol } from "./action.ts";
import { suggestion } from "./did-you-mean.ts";
import { AlluviumError } from "./error.ts";
import { corruptLog } from "./expect.ts";
import { parseSchema } from "./schema-json.ts";
import { isNamed, tableFeatures } from "./table-feature-registry.ts";
import type { TableFeature } from "./table-feature-registry.ts";
import type { ProtocolRequest } from "./validate-property.ts";

/**
 * Checks that this build can read a table. Features for writers only never stand in the way of a reader.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` naming every feature that is missing; `CORRUPT_LOG` for a protocol that
 *   contradicts itself
 */
export function requireReadable(protocol: Protocol, metadata: Metadata): void {
  checkProtocol(protocol);
  refuseMissing("read", missingForReading(protocol, metadata));
}

/**
 * Checks that this build can write to a table; reading it is part of that.
 * @throws AlluviumError as `requireReadable`
 */
export function requireWritable(protocol: Protocol, metadata: Metadata): void {
  checkProtocol(protocol);
  const missing = [...missingForReading(protocol, metadata), ...missingForWriting(protocol, metadata)];
  refuseMissing("write to", [...new Set(missing)]);
}

/** Names of all features that a table supports: those listed, and those that its versions imply. Sorted. */
export function supportedFeatures(protocol: Protocol): readonly string[] {
  const implied = tableFeatures.filter((feature) => isImplied(feature, protocol)).map((feature) => feature.name);
  return [...new Set([...implied, ...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])])].toSorted();
}

/** True when a table supports the feature. */
export function isFeatureSupported(protocol: Protocol, name: string): boolean {
  return supportedFeatures(protocol).includes(name);
}

/**
 * The protocol of a new table: reader 1, writer 2, or more where its settings and schema ask for it.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` naming every feature asked for that this build cannot write;
 *   `DELTA_UNKNOWN_CONFIGURATION` for a feature that does not exist
 */
export function protocolForNewTable(metadata: Metadata, request: ProtocolRequest = { features: [] }): Protocol {
  const asked = request.features.map(findFeature);
  const schema = parseSchema(metadata.schemaString);
  const wanted = tableFeatures.filter(
    (feature) => asked.includes(feature) || feature.isInUse?.(metadata, schema) === true,
  );
  const required = new Set(wanted.flatMap((feature) => feature.requires ?? []));
  const needed = tableFeatures.filter((feature) => wanted.includes(feature) || required.has(feature.name));
  refuseMissing(
    "create",
    needed.filter((feature) => !feature.canWrite || !feature.canRead).map((feature) => feature.name),
  );
  const { minReaderVersion = 1, minWriterVersion = 2 } = request;
  const isListed =
    minWriterVersion === 7 || minReaderVersion === 3 || asked.length > 0 || needed.some((feature) => !feature.legacy);
  if (!isListed) {
    return {
      kind: "protocol",
      minReaderVersion: Math.max(minReaderVersion, ...needed.map((feature) => feature.legacy?.reader ?? 1)),
      minWriterVersion: Math.max(minWriterVersion, ...needed.map((feature) => feature.legacy?.writer ?? 2)),
    };
  }
  return listedProtocol(needed, minReaderVersion);
}

function listedProtocol(needed: readonly TableFeature[], minReaderVersion: number): Protocol {
  // Appending and invariants are what a table of writer version 2 has anyway.
  const writers = tableFeatures.filter((feature) => needed.includes(feature) || (feature.legacy?.writer ?? 7) <= 2);
  const readers = needed.filter((feature) => feature.kind === "reader-writer");
  const isReaderListed = minReaderVersion === 3 || readers.length > 0;
  return {
    kind: "protocol",
    minReaderVersion: isReaderListed ? 3 : minReaderVersion,
    minWriterVersion: 7,
    ...(isReaderListed && { readerFeatures: readers.map((feature) => feature.name) }),
    writerFeatures: writers.map((feature) => feature.name),
  };
}

const readerVersionMax = 3;
const writerVersionMax = 7;

function checkProtocol(protocol: Protocol): void {
  const { minReaderVersion: reader, minWriterVersion: writer } = protocol;
  if (reader < 1 || writer < 1) fail(`protocol versions begin at 1, found reader ${reader} and writer ${writer}`);
  if (reader > readerVersionMax || writer > writerVersionMax) return;
  if (reader === 3 && writer < 7) fail(`reader version 3 asks for writer version 7, found ${writer}`);
  if (reader === 3 && protocol.readerFeatures === undefined) fail("reader version 3 asks for a list of readerFeatures");
  if (writer === 7 && protocol.writerFeatures === undefined) fail("writer version 7 asks for a list of writerFeatures");
}

function fail(problem: string): never {
  throw corruptLog({ path: "protocol" }, problem);
}

function missingForReading(protocol: Protocol, metadata: Metadata): readonly string[] {
  if (protocol.minReaderVersion > readerVersionMax) return [`reader version ${protocol.minReaderVersion}`];
  // A list that the version has no place for is honoured all the same: reading less would be a wrong answer.
  const listed = protocol.readerFeatures ?? [];
  const unread = listed.filter((name) => tableFeatures.find(isNamed(name))?.canRead !== true);
  const isListed = protocol.minReaderVersion === readerVersionMax;
  const inUse = isListed
    ? []
    : usedFeatures(metadata, (feature) => atMost(feature.legacy?.reader, protocol.minReaderVersion));
  return [...new Set([...unread, ...inUse.filter((feature) => !feature.canRead).map((feature) => feature.name)])];
}

function missingForWriting(protocol: Protocol, metadata: Metadata): readonly string[] {
  if (protocol.minWriterVersion > writerVersionMax) return [`writer version ${protocol.minWriterVersion}`];
  const listed = protocol.writerFeatures ?? [];
  const unwritten = listed.filter((name) => tableFeatures.find(isNamed(name))?.canWrite !== true);
  const isListed = protocol.minWriterVersion === writerVersionMax;
  // Versions 3 to 6 bring features along that most of their tables never use; only those in use bind a writer.
  const inUse = isListed
    ? []
    : usedFeatures(metadata, (feature) => atMost(feature.legacy?.writer, protocol.minWriterVersion));
  return [...new Set([...unwritten, ...inUse.filter((feature) => !feature.canWrite).map((feature) => feature.name)])];
}

function usedFeatures(metadata: Metadata, isAsked: (feature: TableFeature) => boolean): readonly TableFeature[] {
  const asked = tableFeatures.filter((feature) => isAsked(feature) && !(feature.canRead && feature.canWrite));
  if (asked.length === 0) return [];
  const schema = parseSchema(metadata.schemaString);
  return asked.filter((feature) => feature.isInUse?.(metadata, schema) === true);
}

function isImplied(feature: TableFeature, protocol: Protocol): boolean {
  const byReader =
    protocol.minReaderVersion < readerVersionMax && atMost(feature.legacy?.reader, protocol.minReaderVersion);
  const byWriter =
    protocol.minWriterVersion < writerVersionMax && atMost(feature.legacy?.writer, protocol.minWriterVersion);
  return byReader || byWriter;
}

const atMost = (asked: number | undefined, version: number): boolean => asked !== undefined && asked <= version;

function findFeature(name: string): TableFeature {
  const feature = tableFeatures.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (feature !== undefined) return feature;
  const names = tableFeatures.map((one) => one.name);
  const message = `There is no table feature ${JSON.stringify(name)}.${suggestion(name, names)} Known are ${names.join(", ")}.`;
  throw new AlluviumError("DELTA_UNKNOWN_CONFIGURATION", { property: `delta.feature.${name}` }, message);
}

function refuseMissing(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const features = names.join(", ");
  const message = `Cannot ${what} this table: it needs ${features}, which this build does not have. Use an engine that has ${names.length === 1 ? "it" : "them"}, or drop ${names.length === 1 ? "the feature" : "the features"} from the table.`;
  throw new AlluviumError("UNSUPPORTED_FEATURE", { features }, message);
}
