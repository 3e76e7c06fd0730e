// table/alter/alteration.ts: what a change of a table comes to, before it is committed.
import type { Action, Metadata } from "../../format/action/action.ts";
import type { JsonObject } from "../../format/text/json.ts";
import type { ProtocolRequest } from "../../format/property/validate-property.ts";

/** What a change comes to; null when the table is already as it should be. */
export type Alteration = {
  /** As `history` shows it. */
  readonly operation: string;
  readonly parameters: JsonObject;
  /** Absent where only the protocol changes. */
  readonly metadata?: Metadata;
  readonly request?: ProtocolRequest;
  /** True when rows that others add meanwhile could contradict it. */
  readonly readsRows?: boolean;
  readonly actions?: readonly Action[];
} | null;
