// log/checkpoint/near-adds.ts: a few adds that lie near each other in a checkpoint file, which DuckDB is not asked for: it would take longer to plan
// its statement. PROTOCOL.md, "Add File and Remove File".
import type { Engine } from "../../engine/base/engine.ts";
import type { Cell } from "../../engine/parquet/parquet-cells.ts";
import type { ParquetNode } from "../../engine/parquet/parquet-tree.ts";
import type { AddFile, PartitionValues } from "../../format/action/action.ts";
import type { CheckpointPart } from "./checkpoint-part.ts";
import type { TypedOnly } from "./checkpoint-sql.ts";
import { addOfValues, rareFields } from "./plain-adds.ts";

/** Which adds. */
export interface NearQuery {
  /** The column of the adds. */
  readonly add: ParquetNode;
  readonly typedOnly: TypedOnly;
  readonly withoutStats: boolean;
  /** Numbers of their rows in the file, ascending. */
  readonly rows: readonly number[];
}

/** The adds of some rows; null where they lie far apart, may have more than most have, or are not stored as most are: then DuckDB has to be asked. */
export async function readNearAdds(
  engine: Engine,
  part: CheckpointPart,
  query: NearQuery,
): Promise<readonly AddFile[] | null> {
  const { add, rows, withoutStats } = query;
  if (rareFields(part, add).length > 0) return null;
  const groups = groupsOf(part, rows);
  const rowCount = groups.reduce((sum, { start, end }) => sum + end - start, 0);
  if (rowCount > unpackedRowsMax) return null;
  const names = withoutStats ? commonNames : [...commonNames, "stats"];
  const adds: AddFile[] = [];
  for (const { group, rows: inGroup } of groups) {
    const columns = names.map((name) => [add.name, name]);
    const cells = await engine.parquet.cells(part.path, { metadata: part.metadata, group, rows: inGroup, columns });
    if (cells === null) return null;
    for (const index of inGroup.keys()) {
      const made = addOf(
        cells.map((column) => column[index] ?? null),
        query,
      );
      if (made === null) return null;
      adds.push(made);
    }
  }
  return adds;
}

/** So many rows of a group are unpacked in the time that DuckDB's plan takes. */
const unpackedRowsMax = 2 ** 15;

const commonNames = ["path", "size", "modificationTime", "dataChange", "partitionValues"];

interface GroupRows {
  readonly group: number;
  readonly start: number;
  readonly end: number;
  /** Counted from its start. */
  readonly rows: readonly number[];
}

function groupsOf({ rowGroups }: CheckpointPart, rows: readonly number[]): readonly GroupRows[] {
  let next = 0;
  return rowGroups.flatMap(({ start, end }, group) => {
    const first = next;
    while ((rows[next] ?? Number.POSITIVE_INFINITY) < end) next += 1;
    return next === first ? [] : [{ group, start, end, rows: rows.slice(first, next).map((row) => row - start) }];
  });
}

function addOf(cells: readonly Cell[], { typedOnly }: NearQuery): AddFile | null {
  const [path, size, time, dataChange, values = null, stats = null] = cells;
  // What is absent may be in the typed column alone.
  if ((values === null && typedOnly.partitionValues) || (stats === null && typedOnly.stats)) return null;
  const partitionValues = values === null ? noPartitionValues : textsOf(values);
  return partitionValues && addOfValues({ path, size, time, dataChange, stats, partitionValues });
}

const noPartitionValues: PartitionValues = new Map();

function textsOf(values: Exclude<Cell, null>): PartitionValues | null {
  if (typeof values !== "object") return null;
  const texts = new Map<string, string | null>();
  for (const [name, value] of values) {
    if (value !== null && typeof value !== "string") return null;
    texts.set(name, value);
  }
  return texts;
}
