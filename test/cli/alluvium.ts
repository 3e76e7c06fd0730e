// test/cli/alluvium.ts: the command line as it is published, as a child process.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const cli = fileURLToPath(new URL("../../build/package/cli.js", import.meta.url));

/** What a command left behind. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command that runs. */
export class Running {
  readonly #child: ChildProcess;
  readonly #out: Buffer[] = [];
  readonly #error: Buffer[] = [];
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], options: { readonly cwd?: string } = {}) {
    this.#child = spawn(process.execPath, [cli, ...args], { stdio: "pipe", ...options });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#out.push(chunk));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#error.push(chunk));
    // A command that does not read its input must not fail the test by that.
    this.#child.stdin?.on("error", () => {});
    this.#closed = once(this.#child, "close");
  }

  /** Text of standard output so far. */
  get said(): string {
    return Buffer.concat(this.#out).toString();
  }

  /** Gives it standard input, and the end of it. */
  input(data: string | Uint8Array): void {
    this.#child.stdin?.end(data);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until standard output satisfies a condition; fails when the command ends before. */
  async until(condition: (said: string) => boolean): Promise<void> {
    while (!condition(this.said)) {
      if (this.#child.exitCode !== null)
        throw new Error(`it ended: ${this.said}${Buffer.concat(this.#error).toString()}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async outcome(): Promise<Outcome> {
    await this.#closed;
    return {
      status: this.#child.exitCode,
      stdout: Buffer.concat(this.#out),
      stderr: Buffer.concat(this.#error).toString(),
    };
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}

/** Runs a command to its end, without input. */
export async function alluvium(...args: readonly string[]): Promise<Outcome> {
  const running = new Running(args);
  running.input("");
  return running.outcome();
}

/** Runs a command that must succeed and say nothing on standard error; answers its standard output. */
export async function succeed(...args: readonly string[]): Promise<Buffer> {
  const { status, stdout, stderr } = await alluvium(...args);
  if (status !== 0 || stderr !== "") throw new Error(`alluvium ${args.join(" ")}: status ${status}\n${stderr}`);
  return stdout;
}

/** The text of a command that must succeed. */
export async function text(...args: readonly string[]): Promise<string> {
  return (await succeed(...args)).toString();
}

/** The JSON of a command that must succeed; 64-bit integers are rounded here. */
export async function json(...args: readonly string[]): Promise<unknown> {
  return JSON.parse(await text(...args));
}
