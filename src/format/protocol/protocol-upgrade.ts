// format/protocol/protocol-upgrade.ts: the protocol that a table needs for what it is about to use. PROTOCOL.md, "Table Features for New and
// Existing Tables"; where it leaves a choice, the weakest protocol is taken, as the reference implementation does.
import type { Metadata, Protocol } from "../action/action.ts";
import { suggestion } from "../text/did-you-mean.ts";
import { AlluviumError } from "../text/error.ts";
import { parseSchema } from "../schema/schema-json.ts";
import type { StructType } from "../schema/schema.ts";
import { refuseMissing } from "./table-feature.ts";
import { isNamed, tableFeatures } from "./table-feature-registry.ts";
import type { TableFeature } from "./table-feature-registry.ts";
import type { ProtocolRequest } from "../property/validate-property.ts";

/**
 * The protocol of a new table: reader 1, writer 2, or more where its settings and schema ask for it.
 * @throws AlluviumError `UNSUPPORTED_FEATURE` naming every feature asked for that this build cannot write;
 *   `DELTA_UNKNOWN_CONFIGURATION` for a feature that does not exist; `DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE`
 */
export function protocolForNewTable(metadata: Metadata, request: ProtocolRequest = noRequest): Protocol {
  const asked = request.features.map(findFeature);
  const inUse = featuresInUse(metadata, new Set(asked.map(({ name }) => name)));
  const needed = withRequired([...asked, ...inUse]);
  refuseUnwritable("create", needed);
  const { minReaderVersion = 1, minWriterVersion = 2 } = request;
  const versions = { minReaderVersion, minWriterVersion: asked.length > 0 ? 7 : minWriterVersion };
  requireVersions(minReaderVersion, Math.max(minWriterVersion, versions.minWriterVersion));
  // Appending and invariants are what a table of writer version 2 has anyway.
  const writer = Math.max(2, minWriterVersion);
  const implied = [...impliedFeatures(1, 2), ...impliedFeatures(minReaderVersion, writer)];
  return weakestProtocol(new Set([...implied, ...needed].map(({ name }) => name)), versions);
}

/**
 * The protocol of an existing table after a change of its metadata: what it supports stays, what the metadata uses and what is asked
 * for is added, with what these require.
 * @returns `before` itself when it says all of that
 * @throws AlluviumError `DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT` for a feature that comes by its name only, and as
 *   `protocolForNewTable`
 */
export function upgradedProtocol(before: Protocol, metadata: Metadata, request: ProtocolRequest = noRequest): Protocol {
  const supported = supportedNames(before);
  const asked = request.features.map(findFeature);
  const inUse = featuresInUse(metadata, new Set([...supported, ...asked.map(({ name }) => name)]));
  refuseManual(inUse);
  const needed = withRequired([...asked, ...inUse]);
  const { minReaderVersion = 0, minWriterVersion = 0 } = request;
  const implied = impliedFeatures(minReaderVersion || before.minReaderVersion, minWriterVersion);
  const added = [...needed, ...implied].filter(({ name }) => !supported.has(name));
  refuseUnwritable("upgrade", added);
  const isHigher = minReaderVersion > before.minReaderVersion || minWriterVersion > before.minWriterVersion;
  if (added.length === 0 && !isHigher) return before;
  requireVersions(minReaderVersion, Math.max(minWriterVersion, before.minWriterVersion));
  const names = new Set([...supported, ...added.map(({ name }) => name)]);
  const { unknown } = before;
  return { ...weakestProtocol(names, { minReaderVersion, minWriterVersion }), ...(unknown && { unknown }) };
}

/** A protocol without one feature, and with others in its place, in its weakest form. */
export function protocolWithout(before: Protocol, name: string, instead: readonly string[]): Protocol {
  const names = new Set([...supportedNames(before), ...instead]);
  names.delete(name);
  const { unknown } = before;
  return { ...weakestProtocol(names, { minReaderVersion: 0, minWriterVersion: 0 }), ...(unknown && { unknown }) };
}

/** True where a table loses a feature by going from one protocol to the other. */
export function dropsFeatures(before: Protocol, after: Protocol): boolean {
  const kept = supportedNames(after);
  return [...supportedNames(before)].some((name) => !kept.has(name));
}

/**
 * The feature of that name, in any case.
 * @throws AlluviumError `DELTA_UNKNOWN_CONFIGURATION`
 */
export function findFeature(name: string): TableFeature {
  const feature = tableFeatures.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (feature !== undefined) return feature;
  const names = tableFeatures.map((one) => one.name);
  const message = `There is no table feature ${JSON.stringify(name)}.${suggestion(name, names)} Known are ${names.join(", ")}.`;
  throw new AlluviumError("DELTA_UNKNOWN_CONFIGURATION", { property: `delta.feature.${name}` }, message);
}

const noRequest: ProtocolRequest = { features: [] };

/** What the metadata uses and the names do not have; a feature under its preliminary name counts. */
function featuresInUse(metadata: Metadata, known: ReadonlySet<string>): readonly TableFeature[] {
  const schema: StructType =
    metadata.schemaString === "" ? { kind: "struct", fields: [] } : parseSchema(metadata.schemaString);
  return tableFeatures.filter(
    ({ name, isInUse }) => !known.has(name) && !known.has(`${name}-preview`) && isInUse?.(metadata, schema) === true,
  );
}

function withRequired(features: readonly TableFeature[]): readonly TableFeature[] {
  const all = new Set(features);
  for (const { requires = [] } of all) for (const name of requires) all.add(findFeature(name));
  return [...all];
}

/** Features of legacy versions; a feature of readers too needs both of its versions. */
function impliedFeatures(reader: number, writer: number): readonly TableFeature[] {
  if (reader >= 3 || writer >= 7) return [];
  return tableFeatures.filter(
    ({ legacy }) => legacy !== undefined && legacy.writer <= writer && (legacy.reader ?? 0) <= reader,
  );
}

/** Names of all features that a protocol has, those of legacy versions among them. */
export function supportedNames(protocol: Protocol): ReadonlySet<string> {
  const implied = impliedFeatures(protocol.minReaderVersion, protocol.minWriterVersion).map(({ name }) => name);
  return new Set([...implied, ...(protocol.readerFeatures ?? []), ...(protocol.writerFeatures ?? [])]);
}

type Versions = Pick<Protocol, "minReaderVersion" | "minWriterVersion">;

/** Legacy versions where they say exactly these features, else lists, of readers only where one is not of the legacy ones. */
function weakestProtocol(names: ReadonlySet<string>, atLeast: Versions): Protocol {
  const features = tableFeatures.filter(({ name }) => names.has(name));
  const readers = features.filter(({ kind }) => kind === "reader-writer");
  const reader = Math.max(1, atLeast.minReaderVersion, ...readers.map(({ legacy }) => legacy?.reader ?? 3));
  const writer = Math.max(1, atLeast.minWriterVersion, ...features.map(({ legacy }) => legacy?.writer ?? 7));
  const implied = new Set(impliedFeatures(reader, writer).map(({ name }) => name));
  const isSame = implied.size === names.size && [...implied].every((name) => names.has(name));
  if (isSame) return { kind: "protocol", minReaderVersion: reader, minWriterVersion: writer };
  const unknown = [...names].filter((name) => !tableFeatures.some(isNamed(name)));
  return {
    kind: "protocol",
    minReaderVersion: reader,
    minWriterVersion: 7,
    ...(reader >= 3 && { readerFeatures: readers.map(({ name }) => name) }),
    writerFeatures: [...features.map(({ name }) => name), ...unknown],
  };
}

function refuseUnwritable(what: string, features: readonly TableFeature[]): void {
  const missing = tableFeatures.filter((one) => features.includes(one) && !(one.canRead && one.canWrite));
  refuseMissing(
    what,
    missing.map(({ name }) => name),
  );
}

function refuseManual(features: readonly TableFeature[]): void {
  const names = features.filter(({ isManual }) => isManual === true).map(({ name }) => name);
  if (names.length === 0) return;
  const properties = names.map((name) => `delta.feature.${name} = supported`).join(", ");
  const message = `Your table schema requires manually enablement of the following table feature(s): ${names.join(", ")}. They shut out engines that do not know them; to enable them set ${properties}.`;
  throw new AlluviumError("DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT", { features: names.join(", ") }, message);
}

function requireVersions(reader: number, writer: number): void {
  if (reader < 3 || writer >= 7) return;
  const message = `Reader version 3 lists its features, and needs writer version 7, not ${writer}: set delta.minWriterVersion = 7 too.`;
  throw new AlluviumError(
    "DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE",
    { minReaderVersion: reader, minWriterVersion: writer },
    message,
  );
}
