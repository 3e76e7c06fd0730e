// writer/commit-info.ts: who did what, for `history`. PROTOCOL.md, "Commit Provenance Information".
import { packageVersion } from "../format/text/package-version.ts";
import type { Action, CommitInfo } from "../format/action/action.ts";
import type { Version } from "../format/text/ids.ts";
import { formatJson } from "../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../format/text/json.ts";
import type { CommitIsolation } from "./conflict-checker.ts";

/** What an operation tells about itself. */
export interface CommitRequest {
  /** As `history` shows it, such as WRITE, DELETE, STREAMING UPDATE. */
  readonly operation: string;
  /** Values that are not text are written as JSON text, as Spark does; null stays null. */
  readonly parameters: JsonObject;
  /** Written as text too. */
  readonly metrics?: JsonObject | undefined;
  /** Adds, removes, change data, domain metadata; metadata, protocol and txn have calls of their own. */
  readonly actions: readonly Action[];
  /** Makes the files durable that are added; they are already when absent. Nothing is published before. */
  readonly settle?: (() => Promise<void>) | undefined;
  /** False when the rows depend on the table although nothing was declared as read. */
  readonly isBlindAppend?: boolean | undefined;
  readonly userMetadata?: string | undefined;
  /** Further fields of `commitInfo`. */
  readonly extra?: JsonObject | undefined;
}

/** What a transaction adds to an operation's own words. */
export interface CommitFacts {
  readonly timestampMs: number;
  /** Null where the table's commits carry no time of their own. */
  readonly inCommitTimestampMs: number | null;
  /** Null for a new table. */
  readonly readVersion: Version | null;
  readonly isolation: CommitIsolation;
  readonly isBlindAppend: boolean;
  readonly txnId: string;
  /** Null where the table's rows have no ids to keep. */
  readonly keepsRowIds: boolean | null;
}

/** The `commitInfo` action, in Spark's shape. */
export function commitInfoOf(request: CommitRequest, facts: CommitFacts): CommitInfo {
  return {
    kind: "commitInfo",
    ...(facts.inCommitTimestampMs === null ? {} : { inCommitTimestampMs: facts.inCommitTimestampMs }),
    timestampMs: facts.timestampMs,
    operation: request.operation,
    operationParameters: asText(request.parameters),
    ...(facts.readVersion === null ? {} : { readVersion: facts.readVersion }),
    isolationLevel: facts.isolation,
    isBlindAppend: facts.isBlindAppend,
    ...(request.metrics === undefined ? {} : { operationMetrics: asText(request.metrics) }),
    ...(request.userMetadata === undefined ? {} : { userMetadata: request.userMetadata }),
    engineInfo: `alluvium/${packageVersion}`,
    txnId: facts.txnId,
    unknown: {
      ...request.extra,
      ...(facts.keepsRowIds === null ? {} : { tags: { "delta.rowTracking.preserved": String(facts.keepsRowIds) } }),
    },
  };
}

function asText(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, textOf(value)]));
}

function textOf(value: JsonValue): JsonValue {
  return value === null || typeof value === "string" ? value : formatJson(value);
}
