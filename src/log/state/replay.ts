// log/state/replay.ts: from actions in order to the state of a table, all but its files. PROTOCOL.md, "Action Reconciliation".
import type {
  Action,
  CommitInfo,
  DomainMetadata,
  Metadata,
  Protocol,
  SetTransaction,
} from "../../format/action/action.ts";

/** The state of a table at one version without its files. Immutable. */
export interface TableState {
  readonly protocol: Protocol | null;
  readonly metadata: Metadata | null;
  /** Latest transaction by `appId`. */
  readonly transactions: ReadonlyMap<string, SetTransaction>;
  /** Domains by name, without the removed ones. */
  readonly domains: ReadonlyMap<string, DomainMetadata>;
  /** Provenance of the newest commit alone; null when it has none or came from a checkpoint. */
  readonly commitInfo: CommitInfo | null;
}

/** Before the first action. */
export const emptyState: TableState = {
  protocol: null,
  metadata: null,
  transactions: new Map(),
  domains: new Map(),
  commitInfo: null,
};

/** The state after one more commit: of each protocol, metadata, transaction and domain the newest wins. */
export function applyCommit(before: TableState, actions: readonly Action[]): TableState {
  let { protocol, metadata } = before;
  let commitInfo: CommitInfo | null = null;
  const transactions: SetTransaction[] = [];
  const domains: DomainMetadata[] = [];
  for (const action of actions) {
    switch (action.kind) {
      case "protocol":
        protocol = action;
        break;
      case "metaData":
        metadata = action;
        break;
      case "txn":
        transactions.push(action);
        break;
      case "domainMetadata":
        domains.push(action);
        break;
      case "commitInfo":
        commitInfo ??= action;
        break;
      case "add":
      case "remove":
      case "cdc":
      case "unknown":
        break;
    }
  }
  return {
    protocol,
    metadata,
    transactions: withTransactions(before.transactions, transactions),
    domains: withDomains(before.domains, domains),
    commitInfo,
  };
}

function withTransactions(
  before: ReadonlyMap<string, SetTransaction>,
  newer: readonly SetTransaction[],
): ReadonlyMap<string, SetTransaction> {
  if (newer.length === 0) return before;
  const after = new Map(before);
  for (const transaction of newer) after.set(transaction.appId, transaction);
  return after;
}

function withDomains(
  before: ReadonlyMap<string, DomainMetadata>,
  newer: readonly DomainMetadata[],
): ReadonlyMap<string, DomainMetadata> {
  if (newer.length === 0) return before;
  const after = new Map(before);
  for (const domain of newer) {
    if (domain.removed) after.delete(domain.domain);
    else after.set(domain.domain, domain);
  }
  return after;
}
