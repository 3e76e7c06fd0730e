// log/checkpoint/known-checkpoints.ts: checkpoints that were read lately: their files never change, so whoever opens a table again need not read
// their footers again.
import type { Engine, FileInfo } from "../../engine/base/engine.ts";
import { isSameFile, isSettled } from "../../engine/base/same-file.ts";
import { remembered } from "../../format/text/remembered.ts";
import { heldFileCountMax } from "./checkpoint-base.ts";
import type { CheckpointFiles } from "../listing/list-log.ts";
import { readCheckpoint } from "./read-checkpoint.ts";
import type { CheckpointContent } from "./read-checkpoint.ts";

interface Known {
  readonly content: CheckpointContent;
  /** Of every file that the checkpoint consists of. */
  readonly files: readonly FileInfo[];
}

const knownBy = remembered((_engine: Engine) => new Map<string, Known>());

// Each holds what was learnt of its checkpoint: footers, the files of small ones, fingerprints of paths.
const knownMax = 4;

/**
 * What a checkpoint says: as it was read before where its files are, by size and time, what they were then.
 * @throws AlluviumError as `readCheckpoint`
 */
export async function openCheckpoint(
  engine: Engine,
  tablePath: string,
  files: CheckpointFiles,
): Promise<CheckpointContent> {
  const known = knownBy(engine);
  const key = files.paths.join("\0");
  const before = known.get(key);
  known.delete(key);
  if (before !== undefined && (await isUnchanged(engine, before.files))) return keep(known, key, before);
  const startedMs = engine.clock.nowMs();
  const top = await statAll(engine, files.paths);
  const content = await readCheckpoint(engine, tablePath, files);
  const parts = (content.base?.paths ?? []).filter((path) => !files.paths.includes(path));
  const found = [...top, ...(await statAll(engine, parts))];
  const areSettled = found.every((file) => file !== null && isSettled(file, startedMs));
  const isBounded = content.actions.length <= heldFileCountMax;
  return areSettled && isBounded
    ? keep(known, key, { content, files: found.filter((file) => file !== null) })
    : content;
}

function keep(known: Map<string, Known>, key: string, entry: Known): CheckpointContent {
  known.set(key, entry);
  const [oldest] = known.keys();
  if (known.size > knownMax && oldest !== undefined) known.delete(oldest);
  return entry.content;
}

const statAll = (engine: Engine, paths: readonly string[]): Promise<readonly (FileInfo | null)[]> =>
  Promise.all(paths.map((path) => engine.files.stat(path)));

async function isUnchanged(engine: Engine, files: readonly FileInfo[]): Promise<boolean> {
  const now = await statAll(
    engine,
    files.map(({ path }) => path),
  );
  return files.every((file, index) => isSameFile(file, now[index] ?? null));
}
