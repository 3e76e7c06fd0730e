// session/names/table-snapshot.ts: the table behind a source of a plan, at the version asked for.
import { assert } from "../../format/text/error.ts";
import { version } from "../../format/text/ids.ts";
import { loadSnapshot } from "../../log/snapshot/load-snapshot.ts";
import type { Snapshot } from "../../log/state/snapshot.ts";
import { parseTimestamp } from "../../table/whole/time-travel.ts";
import type { FrameContext } from "../plan/frame-context.ts";
import type { StreamSource, TableSource } from "../plan/plan.ts";
import { openNamed } from "./table-names.ts";

/** The table of a source at the version asked for. */
export function tableSnapshot(context: FrameContext, source: TableSource | StreamSource): Promise<Snapshot> {
  if (source.kind === "stream" || (source.version === undefined && source.timestamp === undefined)) {
    const { tablePath } = source;
    return openNamed(context, tablePath, () => loadSnapshot(context.engine, tablePath));
  }
  if (source.version !== undefined) {
    return loadSnapshot(context.engine, source.tablePath, { version: version(source.version) });
  }
  assert(source.timestamp !== undefined, "a table source is at a version, at a time, or at its head");
  return loadSnapshot(context.engine, source.tablePath, { timestampMs: parseTimestamp(source.timestamp) });
}
