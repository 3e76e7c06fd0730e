// log/publish/publish-commit.ts: makes a version. It appears whole and durable, or not at all, and never replaces one (laws L2, L3, L6).
/* oxlint-disable max-params -- where, which and what: none of them belongs to another */
import type { Engine } from "../../engine/base/engine.ts";
import { formatAction } from "../../format/action/action-json.ts";
import type { Action } from "../../format/action/action.ts";
import { assert } from "../../format/text/error.ts";
import type { Version } from "../../format/text/ids.ts";
import { commitPath } from "../listing/read-commit.ts";

/**
 * Publishes a commit, and wakes its readers.
 * @param settle makes the data files durable that the commit names; when it rejects nothing is published
 * @returns "exists" when another writer published that version first: nothing was changed then
 * @throws AlluviumError `IO_ERROR` or `DISK_FULL`; whether the version exists is then unknown and must be read back
 */
export async function publishCommit(
  engine: Engine,
  tablePath: string,
  version: Version,
  actions: readonly Action[],
  settle?: () => Promise<void>,
): Promise<"created" | "exists"> {
  const outcome = await engine.files.putIfAbsent(commitPath(tablePath, version), encodeCommit(actions), settle);
  if (outcome === "created") engine.signals.announce(tablePath);
  return outcome;
}

/** The bytes of a commit file: one action a line. */
export function encodeCommit(actions: readonly Action[]): Uint8Array {
  assert(actions.length > 0, "a commit holds at least one action");
  const lines = actions.map(formatAction);
  assert(
    lines.every((line) => !line.includes("\n")),
    "readers split commits on line breaks",
  );
  return new TextEncoder().encode(`${lines.join("\n")}\n`);
}
