// Drives another Delta engine, Spark or delta-rs, as a long-lived Python process that speaks JSON lines.
// The form of rows and requests is described in peer_protocol.py.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** The engines that tests can compare with. */
export type PeerName = "spark" | "deltars";

/** A value as it travels: 64-bit integers and decimals as strings, binary as hexadecimal, maps as [key, value] pairs. */
export type PeerValue =
  | string
  | number
  | boolean
  | null
  | readonly PeerValue[]
  | { readonly [name: string]: PeerValue };

/** A row by column name. */
export type PeerRow = { readonly [column: string]: PeerValue };

/** What to write through a peer. */
export interface PeerWrite {
  readonly path: string;
  readonly rows: readonly PeerRow[];
  /** Delta's schema JSON, parsed. */
  readonly schema: unknown;
  readonly mode: "append" | "overwrite" | "error" | "ignore";
  readonly partitionBy?: readonly string[];
  /** Table properties, for a table that this write creates. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Spark: options of the DataFrameWriter; delta-rs: further arguments of `write_deltalake`. */
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What to read through a peer: the newest version unless one is named; `where` is in the peer's own SQL. */
export interface PeerRead {
  readonly path: string;
  readonly version?: number;
  /** A text that the peer understands as a time, such as 2026-01-31T00:00:00Z. */
  readonly timestamp?: string;
  readonly columns?: readonly string[];
  readonly where?: string;
}

/** Statements over one table. */
export interface PeerStatements {
  readonly path: string;
  readonly statements: readonly string[];
}

/** A table at one of its versions: rows in no particular order, and Delta's schema JSON, parsed. */
export interface PeerVersion {
  readonly rows: readonly PeerRow[];
  readonly schema: unknown;
}

/** One commit as a peer's history shows it, newest first. */
export interface PeerCommit {
  readonly version: number;
  readonly timestampMs: number;
  readonly operation: string | null;
  readonly operationParameters: Readonly<Record<string, unknown>> | null;
  readonly operationMetrics: Readonly<Record<string, unknown>> | null;
  readonly engineInfo: string | null;
}

/** A failure inside the peer: `type` is the name of the Python exception, `stack` its traceback. */
export class PeerError extends Error {
  readonly type: string;
  readonly peerStack: string;

  constructor(peer: PeerName, details: { type: string; message: string; stack: string }) {
    // Java's stack is in `peerStack`; in the message it would hide what was said.
    super(`${peer}: ${details.type}: ${details.message.replaceAll(/\n\s+at .*/g, "")}`);
    this.name = "PeerError";
    this.type = details.type;
    this.peerStack = details.stack;
  }
}

/** A running peer. Requests are answered one at a time, in order. */
export class Peer {
  readonly name: PeerName;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  #nextId = 1;
  #errorText = "";
  #ended: Error | undefined;

  /** Starts a process of its own; most tests want `sharedPeer`. */
  constructor(name: PeerName) {
    this.name = name;
    const python = process.env["ALLUVIUM_INTEROP_PYTHON"];
    if (python === undefined) throw new Error("run these tests by `npm run test:interop`");
    const script = fileURLToPath(new URL(`${name}_peer.py`, import.meta.url));
    // -u: a peer that dies has said everything it had to say.
    this.#process = spawn(python, ["-u", "-B", script], { stdio: ["pipe", "pipe", "pipe"] });
    this.#process.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#errorText = (this.#errorText + text).slice(-errorTextMax);
      if (process.env["ALLUVIUM_INTEROP_VERBOSE"] !== undefined) process.stderr.write(text);
    });
    createInterface({ input: this.#process.stdout }).on("line", (line) => this.#receive(line));
    this.#process.stdin.on("error", () => undefined); // told by "exit" in better words
    this.#process.on("error", (error) => this.#end(error));
    this.#process.on("exit", (code, signal) => {
      this.#end(new Error(`the ${name} peer ended (${String(signal ?? code)}):\n${this.#errorText}`));
    });
  }

  /** Versions of the engine and what it stands on. */
  async versions(): Promise<Readonly<Record<string, string>>> {
    return (await this.#ask("versions", {})) as Readonly<Record<string, string>>;
  }

  /** Writes rows as one commit; the answer is its version. */
  async write(request: PeerWrite): Promise<number> {
    return (await this.#ask("write", request)) as number;
  }

  /** All rows, ordered by their JSON text. */
  async read(request: PeerRead): Promise<readonly PeerRow[]> {
    return (await this.#ask("read", request)) as readonly PeerRow[];
  }

  /** Rows and schema at each of these versions, in one request. */
  async readVersions(path: string, versions: readonly number[]): Promise<readonly PeerVersion[]> {
    return (await this.#ask("readVersions", { path, versions })) as readonly PeerVersion[];
  }

  /** Rows and schema of many tables, in one request, several at once; Spark only. */
  async readMany(reads: readonly PeerRead[]): Promise<readonly PeerVersion[]> {
    return (await this.#ask("readMany", { reads })) as readonly PeerVersion[];
  }

  /** Runs statements over tables, of each table in order, of several tables at once; `{t}` stands for the table. Spark only. */
  async runTables(tables: readonly PeerStatements[]): Promise<void> {
    await this.#ask("runTables", { tables });
  }

  /** Delta's schema JSON, parsed. */
  async schema(request: PeerRead): Promise<unknown> {
    return await this.#ask("schema", request);
  }

  /** Commits, newest first. */
  async history(request: { readonly path: string; readonly limit?: number }): Promise<readonly PeerCommit[]> {
    return (await this.#ask("history", request)) as readonly PeerCommit[];
  }

  /** The data files that a read would open, as URIs; Spark only. */
  async filesRead(request: PeerRead): Promise<readonly string[]> {
    return (await this.#ask("filesRead", request)) as readonly string[];
  }

  /**
   * Runs Python inside the peer. The snippet sees `args` and the names at the end of the peer's script
   * (`spark`, `DeltaTable`, `encode_table`, …), and leaves its answer in `result`.
   */
  async execute(code: string, args: unknown = null): Promise<unknown> {
    return await this.#ask("execute", { code, args });
  }

  /** Ends the process by closing its input; waits until it is gone. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exited = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin.end();
    await exited;
  }

  /** Ends the process as a power cut would, for tests of recovery. */
  kill(): void {
    this.#process.kill("SIGKILL");
  }

  async #ask(op: string, args: unknown): Promise<unknown> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = this.#nextId++;
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.stdin.write(`${JSON.stringify({ id, op, args }, withSignedZero)}\n`);
    });
  }

  #receive(line: string): void {
    const answer = JSON.parse(line) as Answer;
    const request = this.#waiting.get(answer.id);
    this.#waiting.delete(answer.id);
    if (answer.error === undefined) request?.resolve(answer.result);
    else request?.reject(new PeerError(this.name, answer.error));
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}

/** The one process of this peer for the whole run: Spark takes seconds to start. It ends with the test process. */
export function sharedPeer(name: PeerName): Peer {
  // Kept outside this module, since the test runner may load the module anew for each test file.
  const holder = globalThis as { [shared]?: Map<PeerName, Peer> };
  const peers = (holder[shared] ??= new Map<PeerName, Peer>());
  const peer = peers.get(name) ?? new Peer(name);
  peers.set(name, peer);
  return peer;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly type: string; readonly message: string; readonly stack: string };
}

// JSON.stringify forgets the sign of zero; Python's float() reads it from text.
const withSignedZero = (_key: string, value: unknown): unknown => (Object.is(value, -0) ? "-0.0" : value);

const shared: unique symbol = Symbol.for("alluvium.interop.peers");
const errorTextMax = 20_000;
