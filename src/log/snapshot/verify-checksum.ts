// log/snapshot/verify-checksum.ts: compares a snapshot with the checksum file of its version. PROTOCOL.md, "State Validation".
import { join } from "node:path";
import type { Engine } from "../../engine/base/engine.ts";
import { actionToJson } from "../../format/action/action-json.ts";
import type { Action, DomainMetadata, SetTransaction } from "../../format/action/action.ts";
import { parseVersionChecksum } from "../../format/action/checksum.ts";
import type { VersionChecksum } from "../../format/action/checksum.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatJson } from "../../format/text/json-int64.ts";
import type { Version } from "../../format/text/ids.ts";
import { formatLogPath } from "../../format/action/log-path.ts";
import type { FileTotals } from "../state/file-table.ts";
import { logDirectory } from "../listing/list-log.ts";
import type { LogListing } from "../listing/list-log.ts";
import { readIfThere } from "../listing/read-commit.ts";
import { checkFirst, uncheckedTotals } from "./log-snapshot.ts";
import type { LogSnapshot } from "./log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";

/** Absolute path of a version's checksum file. */
export function checksumPath(tablePath: string, version: Version): string {
  return join(logDirectory(tablePath), formatLogPath({ kind: "crc", version }));
}

/** A snapshot that was just made. */
export interface LoadedSnapshot {
  readonly snapshot: LogSnapshot;
  /** The commit of its version was read; otherwise a checkpoint of that version was. */
  readonly hasReadCommit: boolean;
}

/**
 * Compares a snapshot with its version's checksum file. A file that is absent, torn or makes no sense is passed over. How many files there
 * are is not easily told of a large checkpoint: there it is compared before files are handed out, and does not keep who only opens waiting.
 * @throws AlluviumError `CORRUPT_LOG` naming each value that differs
 */
export async function verifyChecksum(
  engine: Engine,
  listing: LogListing,
  { snapshot, hasReadCommit }: LoadedSnapshot,
): Promise<void> {
  if (!listing.checksums.has(snapshot.version)) return;
  const path = checksumPath(listing.tablePath, snapshot.version);
  const checksum = await readChecksum(engine, path);
  if (checksum === null) return;
  const txnId = snapshot.parts.state.commitInfo?.txnId;
  // An empty file in place of a commit that only marks rows would change no count.
  const isOther = hasReadCommit && checksum.txnId !== undefined && checksum.txnId !== txnId;
  const differences = [
    ...(isOther ? [`it records the commit ${checksum.txnId}, the log has ${txnId ?? "one without an id"}`] : []),
    ...checksumDifferences(checksum, snapshot),
  ];
  const requireNone = (found: readonly string[]): void => {
    if (found.length === 0) return;
    const message = `version ${snapshot.version} of ${listing.tablePath} does not agree with its checksum file ${path}: ${found.join("; ")}. A file of the log was changed or lost; restore the log from a copy, or remove the checksum file if you know that it is the one that is wrong.`;
    throw new AlluviumError("CORRUPT_LOG", { table: listing.tablePath, version: snapshot.version, path }, message);
  };
  const { lineage } = snapshot.parts;
  if (lineage.base === null || lineage.base.isSmall)
    return requireNone([...differences, ...(await totalsDifferences(checksum, snapshot))]);
  requireNone(differences);
  checkFirst(lineage, async () => requireNone(await totalsDifferences(checksum, snapshot)));
}

/**
 * True where the checksum file of its version records all of a snapshot that such a file may, and no value differs: then nothing was
 * lost on the way to it.
 * @throws AlluviumError `IO_ERROR`
 */
export async function isVouchedFor(engine: Engine, snapshot: LogSnapshot): Promise<boolean> {
  const checksum = await readChecksum(engine, checksumPath(snapshot.tablePath, snapshot.version));
  if (checksum === null || checksum.txnId !== snapshot.parts.state.commitInfo?.txnId) return false;
  const { metadata, protocol, setTransactions, domainMetadata } = checksum;
  if (metadata === undefined || protocol === undefined) return false;
  // What only one side has may have expired, or been lost: it is not taken for sure.
  const hasSame = (recorded: readonly string[] | undefined, found: ReadonlyMap<string, unknown>): boolean =>
    recorded === undefined
      ? found.size === 0
      : recorded.length === found.size && recorded.every((name) => found.has(name));
  const appIds = setTransactions?.map(({ appId }) => appId);
  const domains = domainMetadata?.map(({ domain }) => domain);
  if (!hasSame(appIds, snapshot.transactions) || !hasSame(domains, snapshot.domains)) return false;
  const totals = await totalsDifferences(checksum, snapshot);
  return totals.length === 0 && checksumDifferences(checksum, snapshot).length === 0;
}

async function readChecksum(engine: Engine, path: string): Promise<VersionChecksum | null> {
  const bytes = await readIfThere(engine, path);
  return bytes === null ? null : parseVersionChecksum(new TextDecoder().decode(bytes));
}

/**
 * What a checksum and the files of a snapshot say differently, as sentences. Whether the checkpoint lists a file twice is looked at only
 * where they do: nothing was lost where the plain sums agree.
 */
async function totalsDifferences(checksum: VersionChecksum, { parts }: LogSnapshot): Promise<readonly string[]> {
  const differences = ({ count, sizeBytes }: FileTotals): readonly string[] => [
    ...different("numFiles", checksum.fileCount, count),
    ...different("tableSizeBytes", checksum.tableSizeBytes, sizeBytes),
  ];
  const asListed = differences(await uncheckedTotals(parts, true));
  return asListed.length === 0 ? asListed : differences(await uncheckedTotals(parts));
}

const different = (what: string, recorded: number, found: number): readonly string[] =>
  recorded === found ? [] : [`it records ${what} ${recorded}, the log gives ${found}`];

/** The same of all else that a snapshot has. What a checksum leaves out is not compared. */
function checksumDifferences(
  checksum: VersionChecksum,
  { metadata, protocol, transactions, domains }: Snapshot,
): readonly string[] {
  const differences = [
    ...different("numMetadata", checksum.metadataCount, 1),
    ...different("numProtocol", checksum.protocolCount, 1),
  ];
  if (checksum.metadata !== undefined && comparable(checksum.metadata) !== comparable(metadata))
    differences.push("it records other metadata than the log gives");
  if (checksum.protocol !== undefined && comparable(checksum.protocol) !== comparable(protocol))
    differences.push("it records another protocol than the log gives");
  differences.push(...transactionDifferences(checksum.setTransactions ?? [], transactions));
  differences.push(...domainDifferences(checksum.domainMetadata ?? [], domains));
  return differences;
}

// Expired transactions may be missing on either side, so only those on both are compared.
function transactionDifferences(
  recorded: readonly SetTransaction[],
  found: ReadonlyMap<string, SetTransaction>,
): readonly string[] {
  return recorded.flatMap(({ appId, version }) => {
    const here = found.get(appId)?.version;
    return here === undefined || here === version
      ? []
      : [`it records txn ${appId} at ${version}, the log gives ${here}`];
  });
}

function domainDifferences(
  recorded: readonly DomainMetadata[],
  found: ReadonlyMap<string, DomainMetadata>,
): readonly string[] {
  return recorded.flatMap(({ domain, configuration }) => {
    const here = found.get(domain)?.configuration;
    return here === configuration
      ? []
      : [`it records another configuration of the domain ${domain} than the log gives`];
  });
}

/** An action as text that does not depend on the order of its maps and feature lists, nor on fields that this build does not know. */
function comparable(action: Action): string {
  if (action.kind === "protocol") {
    const features = [action.readerFeatures, action.writerFeatures].map((names) => [...(names ?? [])].toSorted());
    return JSON.stringify([action.minReaderVersion, action.minWriterVersion, features]);
  }
  if (action.kind !== "metaData") return formatJson(actionToJson(action));
  const sorted = (map: ReadonlyMap<string, string>): readonly (readonly [string, string])[] =>
    [...map].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { id, schemaString, partitionColumns, configuration } = action;
  return JSON.stringify([id, schemaString, partitionColumns, sorted(configuration)]);
}
