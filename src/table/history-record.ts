// table/history-record.ts: a commit as a person reads it. Delta's DESCRIBE HISTORY.
import type { JsonObject } from "../format/json.ts";
import type { HistoryEntry } from "../log/history.ts";

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
