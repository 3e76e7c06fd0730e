// Compiled helper programs as real processes.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const programs = new URL("../../build/test/process/programs/", import.meta.url);

/** A running program, and every line it has said. */
export class Child {
  readonly lines: string[] = [];
  readonly #process: ChildProcess;
  readonly #exit: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #isOver = false;
  #errors = "";

  private constructor(program: string, args: readonly string[]) {
    this.#process = spawn(process.execPath, [fileURLToPath(new URL(`${program}.js`, programs)), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    const { stdout, stderr } = this.#process;
    if (stdout === null || stderr === null) throw new Error("a child has pipes");
    // A short line goes into a pipe whole or not at all, so a kill cuts none.
    createInterface({ input: stdout }).on("line", (line) => this.#take(line));
    stderr.on("data", (chunk: Buffer) => (this.#errors += chunk.toString()));
    this.#exit = this.#untilClosed();
  }

  /** Starts `programs/NAME.ts`. */
  static start(program: string, ...args: readonly string[]): Child {
    return new Child(program, args);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Null while it runs, and when a signal ended it. */
  get status(): number | null {
    return this.#process.exitCode;
  }

  /** What it wrote to standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** Resolves with the first line that begins so; fails when the program ends without. */
  async said(start: string): Promise<string> {
    for (;;) {
      const found = this.lines.find((line) => line.startsWith(start));
      if (found !== undefined) return found;
      if (this.#isOver) throw new Error(`it ended before it said ${start}: ${this.#errors}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** SIGKILL; resolves when it is dead and all it said is read. It must have been alive until then. */
  async kill(): Promise<void> {
    if (this.#isOver) throw new Error(`it had ended by itself (status ${this.status}): ${this.#errors}`);
    this.#process.kill("SIGKILL");
    await this.#exit;
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name);
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<number | null> {
    await this.#exit;
    return this.status;
  }

  /** For clean-up. */
  [Symbol.dispose](): void {
    this.#process.kill("SIGKILL");
  }

  async #untilClosed(): Promise<void> {
    await once(this.#process, "close");
    this.#isOver = true;
    this.#wake();
  }

  #take(line: string): void {
    this.lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Lets real time pass. */
export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
