// stream/state/state-manifest.ts: which files make up the state at one version, and when they are folded into one. Pure.
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { formatJson, isJsonObject } from "../../format/text/json-int64.ts";
import { incompleteLogFile, type LogCodec } from "../checkpoint/metadata-log.ts";
import { parseObject } from "../checkpoint/offset-log.ts";

/** One file of a table's state. A snapshot replaces all before it. */
export interface StateFile {
  readonly kind: "snapshot" | "delta";
  /** Below the checkpoint's `state` folder. */
  readonly path: string;
  readonly rowCount: number;
  readonly sizeBytes: number;
}

/** Files in the order they are applied, by `<operator>/<table>`. Tables without rows may be absent. */
export type StateManifest = ReadonlyMap<string, readonly StateFile[]>;

/** One line of JSON. */
export const stateManifestCodec: LogCodec<StateManifest> = {
  name: "state version",
  format: (manifest) => {
    const tables: Record<string, JsonValue> = {};
    for (const [table, files] of manifest) tables[table] = files.map((file): JsonObject => ({ ...file }));
    return [formatJson({ tables })];
  },
  parse: ([line], path) => {
    const tables = parseObject(line ?? "", path)["tables"];
    if (tables === undefined || !isJsonObject(tables)) throw incompleteLogFile(path, "tables is not an object");
    return new Map(Object.entries(tables).map(([table, files]) => [table, parseFiles(files, path)]));
  },
};

function parseFiles(value: JsonValue, path: string): readonly StateFile[] {
  if (!Array.isArray(value)) throw incompleteLogFile(path, "the files of a table are not a list");
  return value.map((file: JsonValue): StateFile => {
    if (!isJsonObject(file)) throw incompleteLogFile(path, "a file is not an object");
    const { kind, path: name, rowCount, sizeBytes } = file;
    const isKind = kind === "snapshot" || kind === "delta";
    if (isKind && typeof name === "string" && typeof rowCount === "number" && typeof sizeBytes === "number")
      return { kind, path: name, rowCount, sizeBytes };
    throw incompleteLogFile(path, `a file lacks kind, path, rowCount or sizeBytes: ${formatJson(file)}`);
  });
}

/** What the next file holds, beside the changes of its batch. */
export type Folding =
  /** Nothing: the file is a delta. */
  | { readonly kind: "none" }
  /** The last so many deltas: the file is a delta in their place. */
  | { readonly kind: "deltas"; readonly count: number }
  /** All rows: the file is a snapshot in place of everything. */
  | { readonly kind: "all" };

/**
 * What is folded into the next file: all, after some deltas, once reading them would cost twice what the live rows cost, so that a
 * snapshot is paid for by the changes before it; after many deltas those at the end that are no larger than what comes after them,
 * so that a restart stays quick and folding follows the changes, whatever the size of the state.
 */
export function nextFolding(files: readonly StateFile[], changedRowCount: number, liveRowCount: number): Folding {
  const deltas = files.filter((file) => file.kind === "delta");
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, changedRowCount);
  if (deltas.length >= deltaCountMin && rowCount >= 2 * liveRowCount) return { kind: "all" };
  if (deltas.length < deltaCountMax) return { kind: "none" };
  let count = 0;
  let foldedRowCount = changedRowCount;
  for (const { rowCount: older } of deltas.toReversed()) {
    if (count >= deltaCountMin && older > foldedRowCount) break;
    foldedRowCount += older;
    count += 1;
  }
  return { kind: "deltas", count };
}

const deltaCountMin = 10;
const deltaCountMax = 50;
