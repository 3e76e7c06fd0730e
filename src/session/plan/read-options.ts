// session/plan/read-options.ts: the options of `spark.read`, checked when they are given or when the table is named.
import { AlluviumError } from "../../format/text/error.ts";
import { knownOption } from "../../format/text/known-option.ts";
import type { ChangeOptions } from "../../table/whole/change-feed.ts";
import { optionFlag, optionValue } from "./option-bag.ts";
import type { ChangesSource, TableSource } from "./plan.ts";

const known = [
  "versionAsOf",
  "timestampAsOf",
  "readChangeFeed",
  "startingVersion",
  "startingTimestamp",
  "endingVersion",
  "endingTimestamp",
] as const;

type Options = ReadonlyMap<string, string>;

/** @throws AlluviumError `DELTA_ILLEGAL_OPTION` for an option that reading a table does not have */
export function checkReadOption(name: string): void {
  knownOption(name, { owner: "read", names: known });
}

/** What the options ask of a table: its rows now, at a version or at a time, or its changes. @throws AlluviumError `DELTA_ILLEGAL_OPTION` */
export function askedOfTable(tablePath: string, options: Options): TableSource | ChangesSource {
  const text = (name: (typeof known)[number]): string | undefined => optionValue(options, name);
  const version = versionOf("versionAsOf", text("versionAsOf"));
  const timestamp = text("timestampAsOf");
  if (version !== undefined && timestamp !== undefined) throw either("versionAsOf", "timestampAsOf");
  const range = rangeOf(options);
  if (!optionFlag(options, "readChangeFeed")) {
    if (range.given === undefined) return { kind: "table", tablePath, version, timestamp };
    throw illegal(range.given, `${range.given} is where changes begin or end; say readChangeFeed too`);
  }
  if (version !== undefined || timestamp !== undefined) {
    throw illegal("readChangeFeed", "a table is read at a version or a time, or its changes are read, not both");
  }
  const { from, to } = range;
  if (from === undefined)
    throw illegal("readChangeFeed", "changes begin somewhere: give startingVersion or startingTimestamp");
  return { kind: "changes", tablePath, range: { from, to } };
}

interface Range {
  readonly from: ChangeOptions["from"] | undefined;
  readonly to: ChangeOptions["to"] | undefined;
  /** The name of an option that says something of the range. */
  readonly given: string | undefined;
}

function rangeOf(options: Options): Range {
  const one = (version: (typeof known)[number], timestamp: (typeof known)[number]): number | string | undefined => {
    const [byVersion, byTime] = [versionOf(version, optionValue(options, version)), optionValue(options, timestamp)];
    if (byVersion !== undefined && byTime !== undefined) throw either(version, timestamp);
    return byVersion ?? byTime;
  };
  const from = one("startingVersion", "startingTimestamp");
  const to = one("endingVersion", "endingTimestamp");
  return { from, to, given: known.slice(3).find((name) => optionValue(options, name) !== undefined) };
}

function versionOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw illegal(name, `${name} is a version from 0, not ${text}`);
}

const either = (one: string, other: string): AlluviumError => illegal(one, `give ${one} or ${other}, not both`);

function illegal(option: string, message: string): AlluviumError {
  return new AlluviumError("DELTA_ILLEGAL_OPTION", { option }, message);
}
