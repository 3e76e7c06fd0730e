// format/action/last-checkpoint.ts: the hint that points at a recent checkpoint. PROTOCOL.md, "Last Checkpoint File Schema".
import { parse } from "lossless-json";
import { version } from "../text/ids.ts";
import type { Version } from "../text/ids.ts";
import { formatJson, isJsonObject, parseJson } from "../text/json-int64.ts";
import type { JsonObject, JsonValue } from "../text/json.ts";
import { jsonObject } from "../text/json-object.ts";

/** The hint. It may lie: what it names must be looked for. */
export interface LastCheckpoint {
  readonly version: Version;
  /** Actions in the checkpoint; absent or negative when the writer did not know. */
  readonly size?: number;
  /** Files of a multi-part checkpoint. */
  readonly parts?: number;
  readonly sizeInBytes?: number;
  readonly numOfAddFiles?: number;
  /** Schema of the checkpoint file, as JSON. */
  readonly checkpointSchema?: JsonObject;
  /** The file of a checkpoint that is named by a UUID. */
  readonly v2Checkpoint?: V2CheckpointFile;
}

/** The top file of a checkpoint of version 2. */
export interface V2CheckpointFile {
  /** File name. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly modificationTimeMs: number;
}

/** MD5 of the UTF-8 bytes of a text, as 32 lower-case hexadecimal digits. */
export type Md5 = (text: string) => string;

/** Parses the hint; null when it is torn, contradicts its checksum, repeats a key, or makes no sense. */
export function parseLastCheckpoint(text: string, md5: Md5): LastCheckpoint | null {
  let value: JsonValue;
  try {
    value = parseJson(text);
    if (!isJsonObject(value) || !isChecksumRight(text, value, md5)) return null;
  } catch {
    return null;
  }
  const count = (name: string): number | undefined => toCount(value, name);
  const at = count("version");
  const parts = count("parts");
  if (at === undefined || (parts !== undefined && parts < 1) || (parts === undefined && isPresent(value["parts"])))
    return null;
  const size = count("size");
  const sizeInBytes = count("sizeInBytes");
  const numOfAddFiles = count("numOfAddFiles");
  const { checkpointSchema } = value;
  const v2Checkpoint = toV2Checkpoint(value["v2Checkpoint"]);
  return {
    version: version(at),
    ...(size !== undefined && { size }),
    ...(parts !== undefined && { parts }),
    ...(sizeInBytes !== undefined && { sizeInBytes }),
    ...(numOfAddFiles !== undefined && { numOfAddFiles }),
    ...(isJsonObject(checkpointSchema) && { checkpointSchema }),
    ...(v2Checkpoint !== undefined && { v2Checkpoint }),
  };
}

/** Writes the hint, its checksum included. */
export function formatLastCheckpoint(hint: LastCheckpoint, md5: Md5): string {
  const { size = -1, parts, sizeInBytes, numOfAddFiles, checkpointSchema, v2Checkpoint: file } = hint;
  const v2Checkpoint =
    file === undefined
      ? undefined
      : { path: file.name, sizeInBytes: file.sizeBytes, modificationTime: file.modificationTimeMs };
  const fields = { version: hint.version, size, parts, sizeInBytes, numOfAddFiles, checkpointSchema, v2Checkpoint };
  const checksum = md5(canonicalJson(formatJson(jsonObject(fields))));
  return formatJson(jsonObject({ ...fields, checksum }));
}

/**
 * The canonical form over which the checksum is taken. PROTOCOL.md, "JSON checksum".
 * @throws SyntaxError when the text is not JSON or repeats a key
 */
export function canonicalJson(text: string): string {
  return joinPairs(canonicalPairs(text), byPath);
}

interface Pair {
  readonly path: string;
  readonly value: string;
}

/** A number as it is spelled: its own canonical form. */
class NumberText {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

function isChecksumRight(text: string, value: JsonObject, md5: Md5): boolean {
  const checksum = value["checksum"];
  if (checksum === undefined || checksum === null) return true;
  const pairs = canonicalPairs(text);
  // The protocol sorts by path. The reference implementation sorts path and value together, which differs in long
  // lists of plain values only; both are taken.
  return [byPath, byPathAndValue].some((order) => md5(joinPairs(pairs, order)) === checksum);
}

function canonicalPairs(text: string): readonly Pair[] {
  const root = parse(text, null, { parseNumber: (digits) => new NumberText(digits), onDuplicateKey });
  const pairs: Pair[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (Array.isArray(value)) value.forEach((item: unknown, index) => visit(item, [...path, String(index)]));
    else if (typeof value === "object" && value !== null && !(value instanceof NumberText)) {
      for (const [name, item] of Object.entries(value)) {
        if (path.length > 0 || name !== "checksum") visit(item, [...path, canonicalString(name)]);
      }
    } else pairs.push({ path: path.join("+"), value: canonicalScalar(value) });
  };
  visit(root, []);
  return pairs;
}

function onDuplicateKey({ key }: { readonly key: string }): never {
  throw new SyntaxError(`the key ${JSON.stringify(key)} stands twice`);
}

function canonicalScalar(value: unknown): string {
  if (value instanceof NumberText) return value.text;
  return typeof value === "string" ? canonicalString(value) : String(value);
}

function canonicalString(text: string): string {
  const encoded = encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  return `"${encoded}"`;
}

function joinPairs(pairs: readonly Pair[], sortKey: (pair: Pair) => string): string {
  const compare = (a: Pair, b: Pair): number => (sortKey(a) < sortKey(b) ? -1 : sortKey(a) > sortKey(b) ? 1 : 0);
  return pairs.toSorted(compare).map(byPathAndValue).join(",");
}

const byPath = (pair: Pair): string => pair.path;
const byPathAndValue = (pair: Pair): string => `${pair.path}=${pair.value}`;

const isPresent = (value: JsonValue | undefined): boolean => value !== undefined && value !== null;

function toV2Checkpoint(value: JsonValue | undefined): V2CheckpointFile | undefined {
  if (value === undefined || !isJsonObject(value)) return undefined;
  const { path } = value;
  const [sizeBytes, modificationTimeMs] = [toCount(value, "sizeInBytes"), toCount(value, "modificationTime")];
  if (typeof path !== "string") return undefined;
  return { name: path, sizeBytes: sizeBytes ?? 0, modificationTimeMs: modificationTimeMs ?? 0 };
}

function toCount(value: JsonValue, name: string): number | undefined {
  const number = isJsonObject(value) ? value[name] : undefined;
  return typeof number === "number" && Number.isSafeInteger(number) && number >= 0 ? number : undefined;
}
