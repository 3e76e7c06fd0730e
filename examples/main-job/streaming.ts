// examples/main-job/streaming.ts: the streaming process as its parent holds it.
import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StreamSettings } from "./pipeline.ts";

interface Failure {
  readonly code: string;
  readonly message: string;
}

type Message =
  | { readonly kind: "progress"; readonly batchId: number; readonly rowCount: number; readonly version: number | null }
  | ({ readonly kind: "failed" } & Failure);

/** Starts the process, kills it, starts it again; hears of its progress. */
export class StreamProcess {
  #settings: StreamSettings;
  #child: ChildProcess;
  #lastBatch = -1;
  #version = -1;
  #failure: Failure | null = null;
  #onChange: () => void = () => {};

  constructor(settings: StreamSettings) {
    this.#settings = settings;
    this.#child = this.#start();
  }

  /** Starts it again, with some settings changed. */
  restart(change: Partial<StreamSettings>): void {
    this.#settings = { ...this.#settings, ...change };
    this.#failure = null;
    this.#child = this.#start();
  }

  /** Lets some batches pass, then kills at an arbitrary moment. @returns the last batch that was reported */
  async killInFlight(): Promise<number> {
    const from = this.#lastBatch;
    await this.#until(() => this.#lastBatch >= from + 2);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    await this.#exit(() => this.#child.kill("SIGKILL"));
    return this.#lastBatch;
  }

  /** Resolves when the stream has read the commit of this version. */
  caughtUpTo(version: number): Promise<void> {
    return this.#until(() => this.#version >= version);
  }

  /** Resolves with the error that ended the query. */
  async failed(): Promise<Failure> {
    await this.#until(() => this.#failure !== null);
    return this.#failure ?? { code: "", message: "" };
  }

  /** Asks it to stop, and waits for its end. */
  stop(): Promise<void> {
    return this.#exit(() => this.#child.send("stop"));
  }

  #start(): ChildProcess {
    const program = fileURLToPath(new URL("./stream-process.js", import.meta.url));
    const child = fork(program, [JSON.stringify(this.#settings)]);
    child.on("message", (message: Message) => {
      if (child !== this.#child) return;
      if (message.kind === "failed") this.#failure = message;
      else {
        if (message.rowCount > 0) this.#lastBatch = message.batchId;
        this.#version = message.version ?? this.#version;
      }
      this.#onChange();
    });
    child.on("exit", (code, signal) => {
      if (child !== this.#child || code === 0 || signal === "SIGKILL" || this.#failure !== null) return;
      this.#failure = { code: "EXIT", message: `the streaming process ended with status ${code}` };
      this.#onChange();
    });
    return child;
  }

  async #exit(act: () => unknown): Promise<void> {
    const ended = new Promise<void>((resolve) => this.#child.once("exit", () => resolve()));
    act();
    await ended;
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onChange = () => {
        if (condition()) resolve();
        else if (this.#failure?.code === "EXIT") reject(new Error(this.#failure.message));
      };
      this.#onChange();
    });
  }
}
