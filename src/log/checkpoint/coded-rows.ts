// log/checkpoint/coded-rows.ts: the rows of a checkpoint file that have some values in columns of few different values, such as those of
// partitions: each value is compared once, and no statement is planned for it.
import type { Engine } from "../../engine/base/engine.ts";
import type { CodedGroup } from "../../engine/parquet/parquet-codes.ts";
import { columnBounds } from "../../engine/parquet/parquet-bounds.ts";
import { leafIndex } from "../../engine/parquet/parquet-metadata.ts";
import { nodesTo } from "../../engine/parquet/parquet-tree.ts";
import type { LeafValue } from "../../engine/parquet/parquet-values.ts";
import { compareText } from "../../format/text/utf8-order.ts";
import { columnKey } from "./checkpoint-part.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";

/** What is asked of the values of a row. Of a null nothing is true. */
export type ValueTest =
  | { readonly kind: "atMost"; readonly column: readonly string[]; readonly value: LeafValue }
  | { readonly kind: "atLeast"; readonly column: readonly string[]; readonly value: LeafValue }
  | { readonly kind: "and"; readonly tests: readonly ValueTest[] }
  | { readonly kind: "or"; readonly tests: readonly ValueTest[] };

/** The columns of few values of some files, read where a value may lie and kept as long as they are small. */
export class CodedColumns {
  readonly #engine: Engine;
  readonly #kept = new Map<string, CodedGroup>();
  #keptRows = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /**
   * Numbers of the rows of which a test is true, ascending; null where one of its columns has not few values.
   * @param countMax no more than one over these are given
   */
  async rows(part: CheckpointPart, test: ValueTest, countMax: number): Promise<readonly number[] | null> {
    const paths = new Map(columnsOf(test).map((column) => [columnKey(column), column]));
    const groups = groupsOf(part, test);
    const columns = new Map<string, ReadonlyMap<number, CodedGroup>>();
    for (const [key, column] of paths) {
      const read = await this.#read(part, column, groups);
      if (read === null) return null;
      columns.set(key, read);
    }
    const found: number[] = [];
    for (const group of groups) {
      const match = matchOf(test, (column) => columns.get(columnKey(column))?.get(group) ?? nothing);
      if (match === null) continue;
      const start = part.rowGroups[group]?.start ?? 0;
      for (let row = match.indexOf(1); row >= 0 && found.length <= countMax; row = match.indexOf(1, row + 1))
        found.push(start + row);
    }
    return found;
  }

  /** Some row groups of a column, by number. */
  async #read(
    { path, metadata, rowGroups }: CheckpointPart,
    column: readonly string[],
    groups: readonly number[],
  ): Promise<ReadonlyMap<number, CodedGroup> | null> {
    const keyOf = (group: number): string => columnKey([path, ...column, String(group)]);
    const wanted = groups.filter((group) => !this.#kept.has(keyOf(group)));
    const read =
      wanted.length === 0 ? [] : await this.#engine.parquet.codes(path, { metadata, column, groups: wanted });
    if (read === null) return null;
    const fresh = new Map(wanted.map((group, index): [number, CodedGroup] => [group, read[index] ?? nothing]));
    for (const [group, coded] of fresh) {
      const rowCount = (rowGroups[group]?.end ?? 0) - (rowGroups[group]?.start ?? 0);
      if (this.#keptRows + rowCount > keptRowsMax) break;
      this.#keptRows += rowCount;
      this.#kept.set(keyOf(group), coded);
    }
    return new Map(groups.map((group) => [group, fresh.get(group) ?? this.#kept.get(keyOf(group)) ?? nothing]));
  }
}

/** Two bytes each, in each checkpoint that is remembered. */
const keptRowsMax = 2 ** 20;

const nothing: CodedGroup = { values: [], codes: new Uint16Array(0) };

function columnsOf(test: ValueTest): readonly (readonly string[])[] {
  return test.kind === "and" || test.kind === "or" ? test.tests.flatMap(columnsOf) : [test.column];
}

/** The row groups in which a row may be of which a test is true. */
function groupsOf({ tree, metadata }: CheckpointPart, test: ValueTest): readonly number[] {
  const places = new Map(
    columnsOf(test).map((column) => [
      columnKey(column),
      { leaf: leafIndex(metadata, column), node: nodesTo(tree, column)?.at(-1) ?? noNode },
    ]),
  );
  const mayBeTrue = (group: number, asked: ValueTest): boolean => {
    if (asked.kind === "and") return asked.tests.every((part) => mayBeTrue(group, part));
    if (asked.kind === "or") return asked.tests.some((part) => mayBeTrue(group, part));
    const place = places.get(columnKey(asked.column));
    const bounds = place && columnBounds(metadata, { ...place, group });
    if (!bounds) return true;
    return asked.kind === "atMost" ? bounds.compareLeast(asked.value) <= 0 : bounds.compareGreatest(asked.value) >= 0;
  };
  return [...metadata.rowGroups.keys()].filter((group) => mayBeTrue(group, test));
}

const noNode = { physicalType: "" };

/** For each row of a group 1 where the test is true; null where it is true of none. */
function matchOf(test: ValueTest, groupOf: (column: readonly string[]) => CodedGroup): Uint8Array | null {
  const [column, ...others] = columnsOf(test);
  if (column === undefined) return null;
  const isOfOne = others.every((other) => columnKey(other) === columnKey(column));
  if (isOfOne || test.kind === "atMost" || test.kind === "atLeast") return matchOfColumn(test, groupOf(column));
  return joined(
    test.kind,
    test.tests.map((part) => matchOf(part, groupOf)),
  );
}

function matchOfColumn(test: ValueTest, { values, codes }: CodedGroup): Uint8Array | null {
  const isMatch = Uint8Array.from([0, ...values.map((value) => (isTrue(test, value) ? 1 : 0))]);
  if (!isMatch.includes(1)) return null;
  const match = new Uint8Array(codes.length);
  for (let row = 0; row < codes.length; row += 1) match[row] = isMatch[codes[row] ?? 0] ?? 0;
  return match;
}

function isTrue(test: ValueTest, value: LeafValue): boolean {
  switch (test.kind) {
    case "atMost":
      return compare(value, test.value) <= 0;
    case "atLeast":
      return compare(value, test.value) >= 0;
    case "and":
      return test.tests.every((part) => isTrue(part, value));
    case "or":
      return test.tests.some((part) => isTrue(part, value));
  }
}

function joined(kind: "and" | "or", parts: readonly (Uint8Array | null)[]): Uint8Array | null {
  const known = parts.filter((part) => part !== null);
  const [first, ...others] = known;
  if (first === undefined || (kind === "and" && known.length < parts.length)) return null;
  for (const other of others)
    for (let row = 0; row < first.length; row += 1)
      first[row] = kind === "and" ? (first[row] ?? 0) & (other[row] ?? 0) : (first[row] ?? 0) | (other[row] ?? 0);
  return first;
}

/** As the log compares: text by its UTF-8 bytes. Values of two types do not compare: neither comes first. */
function compare(a: LeafValue, b: LeafValue): number {
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  return a < b ? -1 : a > b ? 1 : 0;
}
