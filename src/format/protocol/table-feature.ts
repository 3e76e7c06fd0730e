// format/protocol/table-feature.ts: which features a table needs and which this build has. PROTOCOL.md, "Table Features".
import type { Metadata, Protocol } from "../action/action.ts";
import { AlluviumError } from "../text/error.ts";
import { corruptLog } from "../text/expect.ts";
import { remembered } from "../text/remembered.ts";
import { parseSchema } from "../schema/schema-json.ts";
import { isNamed, tableFeatures } from "./table-feature-registry.ts";
import type { TableFeature } from "./table-feature-registry.ts";

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
export const supportedFeatures: (protocol: Protocol) => readonly string[] = remembered((protocol) => {
  const implied = tableFeatures.filter((feature) => isImplied(feature, protocol)).map((feature) => feature.name);
  return [...new Set([...implied, ...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])])].toSorted();
});

/** True when a table supports the feature. */
export function isFeatureSupported(protocol: Protocol, name: string): boolean {
  return supportedFeatures(protocol).includes(name);
}

const readerVersionMax = 3;
const writerVersionMax = 7;

function checkProtocol(protocol: Protocol): void {
  const { minReaderVersion: reader, minWriterVersion: writer } = protocol;
  if (reader < 1 || writer < 1) fail(`protocol versions begin at 1, found reader ${reader} and writer ${writer}`);
  if (reader > readerVersionMax || writer > writerVersionMax) return;
  if (reader < 3 && (protocol.readerFeatures ?? []).length > 0)
    fail(`readerFeatures are for reader version 3, found version ${reader} and ${String(protocol.readerFeatures)}`);
  if (writer < 7 && (protocol.writerFeatures ?? []).length > 0)
    fail(`writerFeatures are for writer version 7, found version ${writer} and ${String(protocol.writerFeatures)}`);
  if (reader === 3 && writer < 7) fail(`reader version 3 asks for writer version 7, found ${writer}`);
  if (reader === 3 && protocol.readerFeatures === undefined) fail("reader version 3 asks for a list of readerFeatures");
  if (writer === 7 && protocol.writerFeatures === undefined) fail("writer version 7 asks for a list of writerFeatures");
}

function fail(problem: string): never {
  throw corruptLog({ path: "protocol" }, problem);
}

function missingForReading(protocol: Protocol, metadata: Metadata): readonly string[] {
  if (protocol.minReaderVersion > readerVersionMax) return [`reader version ${protocol.minReaderVersion}`];
  const listed = protocol.readerFeatures ?? [];
  // What is listed for readers asks something of them: that of a feature for writers only is not known.
  const unread = listed.filter((name) => {
    const feature = tableFeatures.find(isNamed(name));
    return feature?.canRead !== true || feature.kind === "writer";
  });
  // A table that names such a feature for writers alone was made by one who did not know better: its readers need it all the same.
  const misplaced = (protocol.writerFeatures ?? []).filter((name) => {
    const feature = tableFeatures.find(isNamed(name));
    return feature?.kind === "reader-writer" && !feature.canRead;
  });
  const isListed = protocol.minReaderVersion === readerVersionMax;
  const inUse = isListed
    ? []
    : usedFeatures(metadata, (feature) => atMost(feature.legacy?.reader, protocol.minReaderVersion));
  return [
    ...new Set([
      ...unread,
      ...misplaced,
      ...inUse.filter((feature) => !feature.canRead).map((feature) => feature.name),
    ]),
  ];
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

/**
 * Refuses to do something with a table for lack of features.
 * @param what follows "Cannot"
 * @throws AlluviumError `UNSUPPORTED_FEATURE` when there are names
 */
export function refuseMissing(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const features = names.join(", ");
  const message = `Cannot ${what} this table: it needs ${features}, which this build does not have. Use an engine that has ${names.length === 1 ? "it" : "them"}, or drop ${names.length === 1 ? "the feature" : "the features"} from the table.`;
  throw new AlluviumError("UNSUPPORTED_FEATURE", { features }, message);
}
