// engine/files/process-locks.ts: one holder at a time, across processes, by files. Law S8 rests on it.
//
// Each contender first puts down a file of its own, `<path>.<uuid>`, and only then looks for others. Of two that come at once
// at least one sees the other, so two can never both hold the lock; and since no two share a file, clearing away the file of
// a dead process cannot hit a living one.
import { createHash, randomUUID } from "node:crypto";
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Clock, ProcessLocks } from "../base/engine.ts";
import { errnoOf, ioError } from "../base/io-error.ts";

/** Locks by files on the local disk. */
export function localProcessLocks(clock: Clock): ProcessLocks {
  return { acquire: (path) => acquire(resolve(path), clock) };
}

/** Who holds a lock. `machine` names the boot and process namespace in which `pid` has meaning. */
interface Holder {
  readonly pid: number;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly processStart: string;
  readonly machine: string;
}

const attemptsMax = 5;
const attemptDelayMs = 20;
const heartbeatMs = 10_000;
/** A holder on another machine counts as dead when its file has not been touched for so long. */
const silenceMaxMs = 60_000;

async function acquire(path: string, clock: Clock): Promise<AsyncDisposable | null> {
  for (let attempt = 1; ; attempt += 1) {
    const own = `${path}.${randomUUID()}`;
    try {
      putDown(own);
      if (!hasLivingRival(path, own, clock.nowMs())) return hold(own);
      removeQuietly(own);
      // A rival that was here before this call keeps the lock; one that came at the same moment may have stepped back too.
      if (hasLivingRival(path, own, clock.nowMs()) && attempt > 1) return null;
    } catch (cause) {
      removeQuietly(own);
      throw ioError("lock", path, cause);
    }
    if (attempt === attemptsMax) return null;
    await clock.sleep(attemptDelayMs * (1 + Math.random()));
  }
}

function putDown(own: string): void {
  const { pid } = process;
  const holder: Holder = { pid, processStart: processStartOf(pid), machine: machineId() };
  const staged = join(dirname(own), `.tmp-${basename(own)}`);
  mkdirSync(dirname(own), { recursive: true });
  try {
    writeFileSync(staged, JSON.stringify(holder), { flag: "wx" });
    renameSync(staged, own); // appears whole
  } catch (cause) {
    removeQuietly(staged);
    throw cause;
  }
}

function hold(own: string): AsyncDisposable {
  const heartbeat = setInterval(() => touchQuietly(own), heartbeatMs);
  heartbeat.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      clearInterval(heartbeat);
      removeQuietly(own);
    },
  };
}

/** Looks at every other contender, clearing away those that are dead. */
function hasLivingRival(path: string, own: string, nowMs: number): boolean {
  const prefix = `${basename(path)}.`;
  const rivals = readdirSync(dirname(path)).filter((name) => name.startsWith(prefix) && name !== basename(own));
  let found = false;
  for (const name of rivals) {
    const rival = join(dirname(path), name);
    if (isAlive(rival, nowMs)) found = true;
    else removeQuietly(rival);
  }
  return found;
}

function isAlive(file: string, nowMs: number): boolean {
  const holder = readHolder(file);
  if (holder === null) return false;
  if (holder.machine !== machineId()) {
    const touchedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
    return touchedMs !== undefined && nowMs - touchedMs < silenceMaxMs;
  }
  return isProcessThere(holder.pid) && holder.processStart === processStartOf(holder.pid);
}

/** Null when the file is gone, or is not a lock file at all. */
function readHolder(file: string): Holder | null {
  try {
    const parsed: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof parsed !== "object" || parsed === null) return null;
    const { pid, processStart, machine } = parsed as Record<string, unknown>;
    if (typeof pid !== "number" || typeof processStart !== "string" || typeof machine !== "string") return null;
    return { pid, processStart, machine };
  } catch {
    return null;
  }
}

function isProcessThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (cause) {
    return errnoOf(cause) === "EPERM"; // there, but another user's
  }
}

/** Ticks from boot to the start of a process, as Linux tells; empty elsewhere and for a process that is gone. */
function processStartOf(pid: number): string {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces and brackets; the start time is the twentieth field behind it.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

function machineId(): string {
  const parts = [
    hostname(),
    readOr(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    readOr(() => readlinkSync("/proc/self/ns/pid")),
  ];
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 32);
}

function readOr(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}

function removeQuietly(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // Gone already, or its folder is: either way nobody is held up by it.
  }
}

function touchQuietly(file: string): void {
  try {
    const now = new Date();
    utimesSync(file, now, now);
  } catch {
    // The folder was removed under a running query, whose own writes will tell.
  }
}
