// table/whole/history-record.ts: a commit as a person reads it. Delta's DESCRIBE HISTORY.
import type { JsonObject } from "../../format/text/json.ts";
import type { Engine } from "../../engine/base/engine.ts";
import { type HistoryEntry, readHistory } from "../../log/snapshot/history.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";

/** One commit of a table. */
export interface HistoryRecord {
  readonly version: number;
  /** Milliseconds since the Unix epoch; strictly ascending with the version. */
  readonly timestamp: number;
  readonly operation: string | null;
  readonly operationParameters: JsonObject | null;
  readonly operationMetrics: JsonObject | null;
  readonly readVersion: number | null;
  readonly isolationLevel: string | null;
  readonly isBlindAppend: boolean | null;
  readonly userMetadata: string | null;
  readonly engineInfo: string | null;
  readonly txnId: string | null;
}

/** What the log says of a commit; null where it says nothing. */
export function historyRecord({ version, timestampMs, commitInfo }: HistoryEntry): HistoryRecord {
  return {
    version,
    timestamp: timestampMs,
    operation: commitInfo?.operation ?? null,
    operationParameters: commitInfo?.operationParameters ?? null,
    operationMetrics: commitInfo?.operationMetrics ?? null,
    readVersion: commitInfo?.readVersion ?? null,
    isolationLevel: commitInfo?.isolationLevel ?? null,
    isBlindAppend: commitInfo?.isBlindAppend ?? null,
    userMetadata: commitInfo?.userMetadata ?? null,
    engineInfo: commitInfo?.engineInfo ?? null,
    txnId: commitInfo?.txnId ?? null,
  };
}

/** The commits of a table, newest first, from the snapshot's version down; at most `limit`. */
export async function historyRecords(
  engine: Engine,
  snapshot: Snapshot,
  limit: number,
): Promise<readonly HistoryRecord[]> {
  const records: HistoryRecord[] = [];
  if (limit <= 0) return records;
  for await (const entry of readHistory(engine, snapshot)) {
    if (entry.version > snapshot.version) continue;
    records.push(historyRecord(entry));
    if (records.length >= limit) break;
  }
  return records;
}
