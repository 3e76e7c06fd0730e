// stream/plan/source.ts: what a micro-batch asks of a stream's source. Spark's `Source` and `SupportsAdmissionControl`.
import type { AddFile } from "../../format/action/action.ts";
import type { StructType } from "../../format/schema/schema.ts";
import type { ChangeCommit } from "../../reader/change-commits.ts";
import type { ScannedTable } from "../../reader/scanned-table.ts";
import type { JsonObject } from "../../format/text/json.ts";

/** A position in a source as the offset log holds it: one line of JSON. */
export type OffsetJson = JsonObject;

/** Files of one table that a batch reads, with what is needed to read them. */
export interface BatchFiles extends ScannedTable {
  readonly files: readonly AddFile[];
  /** The changes that these files tell, where a stream reads changes; then `schema` has the columns of `changeSchema`. */
  readonly changes?: readonly ChangeCommit[];
}

/** How far behind the head of its table a source is after a batch. Absent when it was not computed. */
export interface SourceLag {
  readonly lastConsumedVersion: number;
  readonly versionsBehind: number;
  readonly filesBehind: number;
  readonly bytesBehind: number;
  readonly secondsBehind: number;
}

/** How much a trigger lets in: everything there is (`once`), or what the source's own options allow. */
export type Admission = "all" | "limited";

/** A stream's source. Offsets only move forward (law S1); the same (start, end) gives the same files for ever (law S3). */
export interface Source extends AsyncDisposable {
  /** As in Spark's progress, e.g. `DeltaSource[file:/tables/books]`. */
  readonly description: string;
  /** The schema its rows have for as long as this source lives. */
  readonly schema: StructType;
  /** Fixes the end of an availableNow run; called once, after any pending batch. */
  fixEnd(start: OffsetJson | null): Promise<void>;
  /** End of the next batch, inclusive; equal to `start` (or null when fresh) when nothing is new. */
  latestOffset(start: OffsetJson | null, admission: Admission): Promise<OffsetJson | null>;
  /** The files after `start` up to and including `end`. Checks again every commit in between. */
  getBatch(start: OffsetJson | null, end: OffsetJson): Promise<BatchFiles>;
  /** Tells that everything up to `end` is processed. */
  commit(end: OffsetJson): Promise<void>;
  /** For progress; null while unknown. */
  lag(consumed: OffsetJson | null): Promise<SourceLag | null>;
  /** Calls back when there may be something new; may call too often and may miss. */
  watch(onNews: () => void): Disposable;
  /** Same offset, compared by meaning. */
  equals(a: OffsetJson | null, b: OffsetJson | null): boolean;
}
