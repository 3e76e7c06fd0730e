// log/publish/write-checksum.ts: records the state of a version in N.crc. PROTOCOL.md, "Version Checksum File".
import type { Engine } from "../../engine/base/engine.ts";
import { formatVersionChecksum } from "../../format/action/checksum.ts";
import type { VersionChecksum } from "../../format/action/checksum.ts";
import type { FileTotals } from "../state/file-table.ts";
import { inCommitTimestamps } from "../listing/commit-time.ts";
import { LogSnapshot } from "../snapshot/log-snapshot.ts";
import type { Snapshot } from "../state/snapshot.ts";
import { checksumPath } from "../snapshot/verify-checksum.ts";

/**
 * Writes the checksum file of a snapshot's version, unless there is one. Nothing is computed: a snapshot keeps its totals
 * from commit to commit, and nothing is synced: readers pass over a checksum that is torn, and do without one.
 * @throws AlluviumError `IO_ERROR`, `DISK_FULL`
 */
export async function writeChecksum(engine: Engine, snapshot: Snapshot): Promise<void> {
  const path = checksumPath(snapshot.tablePath, snapshot.version);
  const text = `${formatVersionChecksum(checksumOf(snapshot, await snapshot.files.totals()))}\n`;
  await engine.files.putHintIfAbsent(path, new TextEncoder().encode(text));
}

/** What the checksum file of a snapshot says. */
export function checksumOf(snapshot: Snapshot, { count, sizeBytes }: FileTotals): VersionChecksum {
  const { metadata, protocol, transactions, domains, properties } = snapshot;
  const txnId = snapshot instanceof LogSnapshot ? snapshot.parts.state.commitInfo?.txnId : undefined;
  const hasOwnTime = inCommitTimestamps(metadata.configuration) !== null;
  return {
    ...(txnId !== undefined && { txnId }),
    tableSizeBytes: sizeBytes,
    fileCount: count,
    metadataCount: 1,
    protocolCount: 1,
    ...(hasOwnTime && { inCommitTimestampMs: snapshot.timestampMs }),
    // Those of a table where they expire depend on when it is asked: Spark leaves them out, lest they be taken for all there are.
    ...(properties.setTransactionRetentionMs === null && { setTransactions: [...transactions.values()] }),
    domainMetadata: [...domains.values()],
    metadata,
    protocol,
  };
}
