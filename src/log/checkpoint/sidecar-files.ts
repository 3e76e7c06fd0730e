// log/checkpoint/sidecar-files.ts: where the sidecars of checkpoints lie, and which of them no checkpoint names any more. PROTOCOL.md, "Sidecar
// Files" and "Metadata Cleanup".
import { join } from "node:path";
import type { Engine, FileInfo } from "../../engine/base/engine.ts";
import type { Action } from "../../format/action/action.ts";
import { corruptLog } from "../../format/text/expect.ts";
import { isJsonObject } from "../../format/text/json-int64.ts";
import type { JsonObject } from "../../format/text/json.ts";
import { canonicalPath } from "../state/file-key.ts";
import { logDirectory } from "../listing/list-log.ts";

/** Name of the folder of sidecars inside that of the log. */
export const sidecarFolderName = "_sidecars";

/** The folder of a table's sidecars. */
export function sidecarDirectory(tablePath: string): string {
  return join(logDirectory(tablePath), sidecarFolderName);
}

/** Absolute paths of the sidecars that a checkpoint's actions name. @throws AlluviumError `CORRUPT_LOG` for one without a path */
export function sidecarPaths(tablePath: string, actions: readonly Action[]): readonly string[] {
  return actions.flatMap((action) => {
    const isSidecar = action.kind === "unknown" && action.name === "sidecar" && isJsonObject(action.value);
    return isSidecar ? [sidecarPath(tablePath, action.value)] : [];
  });
}

/**
 * The sidecars that were written before a time, milliseconds since the Unix epoch; one that a checkpoint still needs is among them.
 * @throws AlluviumError `IO_ERROR`
 */
export async function oldSidecars(
  engine: Engine,
  tablePath: string,
  olderThanMs: number,
): Promise<readonly FileInfo[]> {
  const found = await engine.files.list(sidecarDirectory(tablePath));
  return found.filter(({ isDirectory, modificationTimeMs }) => !isDirectory && modificationTimeMs < olderThanMs);
}

function sidecarPath(tablePath: string, sidecar: JsonObject): string {
  const spelled = sidecar["path"];
  if (typeof spelled !== "string") throw corruptLog({ path: tablePath }, "a sidecar of a checkpoint has no path");
  const path = canonicalPath(spelled);
  return path.startsWith("/") ? path : join(sidecarDirectory(tablePath), path);
}
