// format/value/file-stats.ts: statistics of a data file. PROTOCOL.md, "Per-file Statistics".
import { isJsonObject, parseJsonWith } from "../text/json-int64.ts";
import type { JsonValue } from "../text/json.ts";
import { ExactNumber } from "./stat-value.ts";
import type { StatValue } from "./stat-value.ts";

export { ExactNumber, readBound, toStatValue } from "./stat-value.ts";
export type { StatValue } from "./stat-value.ts";
export { hasBounds, statsColumns } from "../property/stats-column.ts";
export { truncateMax, truncateMin } from "./text-bound.ts";

/** Bounds by column name, nested as the columns are. No prototype. */
export interface StatTree {
  readonly [name: string]: StatValue | StatTree;
}

/** Counts of null by column name, nested as the columns are. No prototype. */
export interface NullCountTree {
  readonly [name: string]: number | NullCountTree;
}

/** Statistics of one file. A column that is absent from a tree has no such statistic. */
export interface FileStats {
  /** Rows in the file, deleted ones included. */
  readonly numRecords?: number;
  readonly minValues: StatTree;
  readonly maxValues: StatTree;
  readonly nullCount: NullCountTree;
  /** False: bounds hold but need not be met, and counts of null other than 0 and all say nothing. Absent counts as true. */
  readonly tightBounds?: boolean;
}

/** Parses statistics; null when the text is no JSON object. Parts that make no sense are left out: statistics are hints. */
export function parseStats(text: string): FileStats | null {
  let value: JsonValue;
  try {
    // ExactNumber passes through as an object without fields of JSON; statTree takes it out again.
    value = parseJsonWith(text, readExactNumber) as JsonValue;
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { numRecords, tightBounds } = value;
  return {
    ...(isCount(numRecords) && { numRecords }),
    minValues: boundTree(value["minValues"]),
    maxValues: boundTree(value["maxValues"]),
    nullCount: nullCountTree(value["nullCount"]),
    ...(typeof tightBounds === "boolean" && { tightBounds }),
  };
}

/** Writes statistics as the reference implementation does, in its order; empty trees are left out. */
export function formatStats(stats: FileStats): string {
  const fields = [
    stats.numRecords === undefined ? "" : `"numRecords":${stats.numRecords}`,
    isEmpty(stats.minValues) ? "" : `"minValues":${formatTree(stats.minValues)}`,
    isEmpty(stats.maxValues) ? "" : `"maxValues":${formatTree(stats.maxValues)}`,
    isEmpty(stats.nullCount) ? "" : `"nullCount":${formatTree(stats.nullCount)}`,
    stats.tightBounds === undefined ? "" : `"tightBounds":${stats.tightBounds}`,
  ];
  return `{${fields.filter((field) => field !== "").join(",")}}`;
}

/** The bound of the column at a path, or undefined. */
export function boundAt(tree: StatTree, path: readonly string[]): StatValue | undefined {
  const found = nodeAt(tree, path);
  return typeof found === "object" && !(found instanceof ExactNumber) ? undefined : found;
}

/** The count of null of the column at a path, or undefined. */
export function nullCountAt(tree: NullCountTree, path: readonly string[]): number | undefined {
  const found = nodeAt(tree, path);
  return typeof found === "number" ? found : undefined;
}

/** Makes a tree of values and their paths, in the order given; a value that is null is left out. */
export function statTree(entries: Iterable<readonly [path: readonly string[], value: StatValue | null]>): StatTree {
  return makeTree(entries);
}

/** Makes a tree of counts and their paths, in the order given. */
export function nullCounts(entries: Iterable<readonly [path: readonly string[], count: number]>): NullCountTree {
  return makeTree(entries) as NullCountTree;
}

type Tree = { [name: string]: StatValue | Tree };

const newTree = (): Tree => Object.create(null) as Tree;

function makeTree(entries: Iterable<readonly [readonly string[], StatValue | null]>): StatTree {
  const root = newTree();
  for (const [path, value] of entries) {
    const name = path.at(-1);
    if (name === undefined || value === null) continue;
    let parent = root;
    for (const step of path.slice(0, -1)) parent = (parent[step] ??= newTree()) as Tree;
    parent[name] = value;
  }
  return root;
}

// A double keeps 15 digits; a longer number is kept as it is spelled unless a double gives it back unchanged.
function readExactNumber(token: string): bigint | ExactNumber | undefined {
  if (/^-?\d+$/.test(token)) return Number.isSafeInteger(Number(token)) ? undefined : BigInt(token);
  return String(Number(token)) === token ? undefined : new ExactNumber(token);
}

const isCount = (value: JsonValue | undefined): value is number =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0;

const isEmpty = (tree: StatTree | NullCountTree): boolean => Object.keys(tree).length === 0;

function boundTree(value: JsonValue | undefined): StatTree {
  const tree = newTree();
  if (!isJsonObject(value)) return tree;
  for (const name of Object.keys(value)) {
    const item: unknown = value[name];
    if (item instanceof ExactNumber) tree[name] = item;
    else if (isJsonObject(item as JsonValue)) tree[name] = boundTree(item as JsonValue);
    else if (item !== null && typeof item !== "object") tree[name] = item as StatValue;
  }
  return tree;
}

function nullCountTree(value: JsonValue | undefined): NullCountTree {
  const tree = newTree();
  if (!isJsonObject(value)) return tree as NullCountTree;
  for (const name of Object.keys(value)) {
    const item = value[name];
    if (isCount(item)) tree[name] = item;
    else if (isJsonObject(item)) tree[name] = nullCountTree(item);
  }
  return tree as NullCountTree;
}

function nodeAt(tree: StatTree | NullCountTree, path: readonly string[]): StatValue | StatTree | undefined {
  let node: StatValue | StatTree | undefined = tree;
  for (const name of path) {
    if (typeof node !== "object" || node instanceof ExactNumber) return undefined;
    node = node[name];
  }
  return node;
}

function formatTree(tree: StatTree | NullCountTree): string {
  const fields = Object.keys(tree).map((name) => `${JSON.stringify(name)}:${formatNode(tree[name] ?? 0)}`);
  return `{${fields.join(",")}}`;
}

function formatNode(node: StatValue | StatTree | NullCountTree): string {
  if (node instanceof ExactNumber) return node.text;
  if (typeof node === "object") return formatTree(node);
  // JSON has no such numbers; the reference implementation puts them in quotes.
  if (typeof node === "number" && !Number.isFinite(node)) return `"${node}"`;
  return typeof node === "bigint" ? node.toString() : JSON.stringify(node);
}
