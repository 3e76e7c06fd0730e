// stream/state/state-metadata.ts: which operators a checkpoint's state belongs to. `state/metadata`, by which our own state is known; Spark
// keeps its own elsewhere. streaming.md, "Recovery and plan changes".
import { join } from "node:path";
import type { FileStore } from "../../engine/base/engine.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { formatJson, isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonObject, JsonValue } from "../../format/text/json.ts";
import { incompleteLogFile } from "../checkpoint/metadata-log.ts";
import { parseObject } from "../checkpoint/offset-log.ts";
import type { OperatorSpec, StateColumn } from "../plan/state-spec.ts";

/** The folder of a checkpoint that holds the state of its operators. */
export function stateDirectory(checkpointDirectory: string): string {
  return join(checkpointDirectory, "state");
}

/** Whose state a checkpoint holds. */
export async function stateOwner(files: FileStore, checkpointDirectory: string): Promise<"none" | "ours" | "foreign"> {
  const directory = stateDirectory(checkpointDirectory);
  const entries = await files.list(directory);
  if (entries.some((entry) => entry.name === fileName)) return "ours";
  // What a crash before the first version leaves is staged, hidden, and nobody's.
  return entries.some((entry) => !entry.name.startsWith(".")) ? "foreign" : "none";
}

/** Replaces the description; only before the first version of the state. */
export async function writeStateMetadata(
  files: FileStore,
  directory: string,
  operators: readonly OperatorSpec[],
): Promise<void> {
  const text = `${formatLine}\n${formatJson({ operators: operators.map(formatOperator) })}`;
  await files.put(join(directory, fileName), new TextEncoder().encode(text));
}

/**
 * Compares the query with the one that wrote the state.
 * @throws AlluviumError `STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE`, `STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE`,
 * `STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA`, `INVALID_LOG_VERSION` for a format of another build
 */
export async function checkStateMetadata(
  files: FileStore,
  directory: string,
  operators: readonly OperatorSpec[],
): Promise<void> {
  const path = join(directory, fileName);
  const stored = await readStateMetadata(files, directory);
  const now = operators.map((operator) => operator.name);
  const before = stored.map((operator) => operator.name);
  if (now.join() !== before.join()) {
    const message = `the stateful operators of the query are (${now.join(", ")}), but the state in ${directory} was kept for (${before.join(", ")}): start the changed query from a new checkpointLocation`;
    throw new AlluviumError("STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA", { path }, message);
  }
  for (const [index, operator] of operators.entries()) {
    const old = stored[index];
    if (old === undefined) continue;
    if (typesOf(old.keys) !== typesOf(operator.keys)) throw incompatible("KEY", path, { operator, old });
    if (typesOf(old.values) !== typesOf(operator.values)) throw incompatible("VALUE", path, { operator, old });
  }
}

/** The operators that the state was kept for, by their ids. @throws AlluviumError `INVALID_LOG_VERSION` for a format of another build */
export async function readStateMetadata(files: FileStore, directory: string): Promise<readonly StoredOperator[]> {
  const path = join(directory, fileName);
  return parseMetadata(new TextDecoder().decode(await files.read(path)), path);
}

const fileName = "metadata";
const formatLine = "alluvium state v1";

/** An operator as the checkpoint has it. */
export type StoredOperator = Pick<OperatorSpec, "name" | "keys" | "values">;

function formatOperator({ id, name, keys, values }: OperatorSpec): JsonObject {
  const columns = (list: readonly StateColumn[]): JsonValue =>
    list.map(({ name: column, type }) => ({ name: column, type }));
  return { operatorId: id, operatorName: name, keys: columns(keys), values: columns(values) };
}

function parseMetadata(text: string, path: string): readonly StoredOperator[] {
  const [first, line] = text.split("\n");
  if (first !== formatLine) {
    const message = `${path} should begin with ${JSON.stringify(formatLine)}, but it begins with ${JSON.stringify(first?.slice(0, 100))}: the state was written by another build; start from a new checkpointLocation`;
    throw new AlluviumError("INVALID_LOG_VERSION", { path, found: first?.slice(0, 100) }, message);
  }
  const operators = parseObject(line ?? "", path)["operators"];
  if (!Array.isArray(operators)) throw incompleteLogFile(path, "operators is not a list");
  return operators.map((operator: JsonValue): StoredOperator => {
    const name = isJsonObject(operator) ? operator["operatorName"] : undefined;
    if (!isJsonObject(operator) || typeof name !== "string") throw incompleteLogFile(path, "an operator has no name");
    return { name, keys: parseColumns(operator["keys"], path), values: parseColumns(operator["values"], path) };
  });
}

function parseColumns(value: JsonValue | undefined, path: string): readonly StateColumn[] {
  if (!Array.isArray(value)) throw incompleteLogFile(path, "the columns of an operator are not a list");
  return value.map((column: JsonValue): StateColumn => {
    const { name, type } = isJsonObject(column) ? column : {};
    if (typeof name === "string" && typeof type === "string") return { name, type };
    throw incompleteLogFile(path, "a column lacks its name or type");
  });
}

const typesOf = (columns: readonly StateColumn[]): string => columns.map((column) => column.type).join(" | ");

interface Change {
  readonly operator: OperatorSpec;
  readonly old: StoredOperator;
}

function incompatible(side: "KEY" | "VALUE", path: string, { operator, old }: Change): AlluviumError {
  const columnsOf = (spec: StoredOperator): string =>
    (side === "KEY" ? spec.keys : spec.values).map(({ name, type }) => `${name} ${type}`).join(", ");
  const what = side === "KEY" ? "keys" : "values";
  const message = `operator ${operator.id} (${operator.name}) has the ${what} (${columnsOf(operator)}), but its state in ${path} was kept for (${columnsOf(old)}): grouping keys and aggregates cannot change once there is state; start the changed query from a new checkpointLocation`;
  const code = side === "KEY" ? "STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE" : "STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE";
  return new AlluviumError(code, { path, operator: operator.name, operatorId: operator.id }, message);
}
