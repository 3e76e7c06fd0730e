// format/protocol/row-tracking.ts: how rows are told apart over the versions of a table. PROTOCOL.md, "Row Tracking".
import type { DomainMetadata, Metadata, Protocol } from "../action/action.ts";
import type { StructType } from "../schema/schema.ts";
import { AlluviumError } from "../text/error.ts";
import { corruptLog } from "../text/expect.ts";
import { isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonValue } from "../text/json.ts";
import { parseBoolean } from "../text/property-value.ts";
import { physicalName } from "./column-mapping.ts";
import { isFeatureSupported } from "./table-feature.ts";

/** Columns of data files that are not in the schema: a row's id, and the version that last changed it; null where neither was kept. */
export interface RowTrackingColumns {
  readonly rowIdColumn: string;
  readonly rowCommitVersionColumn: string;
}

/** A table, as far as its rows are tracked. */
export interface TrackedTable {
  readonly protocol: Protocol;
  readonly metadata: Metadata;
}

/**
 * What a file that is added says of its rows' ids: `assigned` anew where it has none, or `suspended`: it must have none; `unsupported`:
 * the table does not know of ids.
 * @throws AlluviumError `DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION`
 */
export function rowIdPolicy({ protocol, metadata }: TrackedTable): "assigned" | "suspended" | "unsupported" {
  if (!isFeatureSupported(protocol, "rowTracking")) return "unsupported";
  requireOneWay(metadata);
  return isOn(metadata, suspendedKey) ? "suspended" : "assigned";
}

/**
 * Refuses settings by which ids would be lost: row tracking that is on and suspended, or a column called as one of those that keep ids.
 * @throws AlluviumError `DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION`, `DELTA_ADDING_COLUMN_WITH_INTERNAL_NAME_FAILED`
 */
export function checkRowTracking(metadata: Metadata, { fields }: StructType): void {
  requireOneWay(metadata);
  const reserved = [rowIdColumnKey, rowCommitVersionColumnKey].flatMap((key) => metadata.configuration.get(key) ?? []);
  const taken = reserved.find((name) => fields.some((field) => field.name === name || physicalName(field) === name));
  if (taken === undefined) return;
  const message = `a column cannot be called ${taken}: row tracking keeps ids under that name in the table's files; choose another name`;
  throw new AlluviumError("DELTA_ADDING_COLUMN_WITH_INTERNAL_NAME_FAILED", { column: taken }, message);
}

function requireOneWay(metadata: Metadata): void {
  if (!isOn(metadata, enabledKey) || !isOn(metadata, suspendedKey)) return;
  const message = `${enabledKey} and ${suspendedKey} are both true, so that rows should have ids and must not be given any; set one of them to false`;
  throw new AlluviumError("DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION", {}, message);
}

function isOn({ configuration }: Pick<Metadata, "configuration">, key: string): boolean {
  return parseBoolean(configuration.get(key) ?? "false") === true;
}

/**
 * The columns in which rows that are written anew keep their ids; null when they need not.
 * @throws AlluviumError `CORRUPT_LOG` for a table that promises to keep ids and does not say where
 */
export function rowTrackingColumns({ protocol, metadata }: TrackedTable): RowTrackingColumns | null {
  const { configuration } = metadata;
  if (!isOn(metadata, enabledKey) || !isFeatureSupported(protocol, "rowTracking")) return null;
  const name = (key: string): string => {
    const found = configuration.get(key);
    if (found !== undefined) return found;
    throw corruptLog(
      { path: "metaData.configuration", field: key },
      "row tracking is enabled, and this name is missing",
    );
  };
  return { rowIdColumn: name(rowIdColumnKey), rowCommitVersionColumn: name(rowCommitVersionColumnKey) };
}

/**
 * The settings of a table with row tracking, completed: names for the columns that keep ids, where they are missing.
 * @param uuid makes a fresh one
 */
export function withRowTrackingColumns(
  configuration: ReadonlyMap<string, string>,
  uuid: () => string,
): ReadonlyMap<string, string> {
  if (!isOn({ configuration }, enabledKey)) return configuration;
  const completed = new Map(configuration);
  if (!completed.has(rowIdColumnKey)) completed.set(rowIdColumnKey, `_row-id-col-${uuid()}`);
  if (!completed.has(rowCommitVersionColumnKey))
    completed.set(rowCommitVersionColumnKey, `_row-commit-version-col-${uuid()}`);
  return completed;
}

/** The domain that holds the highest row id. */
export const rowTrackingDomain = "delta.rowTracking";

/**
 * The highest row id that was ever given; -1 before the first.
 * @throws AlluviumError `CORRUPT_LOG` for a domain that cannot be understood
 */
export function rowIdHighWaterMark(domain: DomainMetadata | undefined): bigint {
  if (domain === undefined || domain.removed) return -1n;
  let value: JsonValue | undefined;
  try {
    const configuration = parseJson(domain.configuration);
    value = isJsonObject(configuration) ? configuration["rowIdHighWaterMark"] : undefined;
  } catch {
    value = undefined;
  }
  if (typeof value === "bigint") return value;
  if (typeof value === "number" && Number.isSafeInteger(value)) return BigInt(value);
  throw corruptLog(
    { path: "domainMetadata", field: rowTrackingDomain },
    'expected {"rowIdHighWaterMark": a whole number}',
  );
}

/** The action that sets it. */
export function rowTrackingAction(highWaterMark: bigint): DomainMetadata {
  const configuration = `{"rowIdHighWaterMark":${highWaterMark}}`;
  return { kind: "domainMetadata", domain: rowTrackingDomain, configuration, removed: false };
}

const enabledKey = "delta.enableRowTracking";
const suspendedKey = "delta.rowTrackingSuspended";
const rowIdColumnKey = "delta.rowTracking.materializedRowIdColumnName";
const rowCommitVersionColumnKey = "delta.rowTracking.materializedRowCommitVersionColumnName";
