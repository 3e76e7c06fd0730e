// bench/arguments.ts: the words after an operation's name, `key=value` each.

/** The arguments of one operation. */
export class Arguments {
  readonly #values: ReadonlyMap<string, string>;

  /** @throws Error for a word that is not `key=value` */
  constructor(words: readonly string[]) {
    this.#values = new Map(
      words.map((word): [string, string] => {
        const at = word.indexOf("=");
        if (at < 1) throw new Error(`${word} is not key=value`);
        return [word.slice(0, at), word.slice(at + 1)];
      }),
    );
  }

  /** @throws Error when it was not given */
  text(name: string): string {
    const value = this.#values.get(name);
    if (value === undefined) throw new Error(`this operation needs ${name}=`);
    return value;
  }

  textOr(name: string, fallback: string): string {
    return this.#values.get(name) ?? fallback;
  }

  /** @throws Error when it is not a number, or absent without a fallback */
  number(name: string, fallback?: number): number {
    const text = this.#values.get(name);
    if (text === undefined && fallback !== undefined) return fallback;
    const value = Number(this.text(name));
    if (Number.isNaN(value)) throw new Error(`${name} is a number, not ${text}`);
    return value;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }
}

/** One operation by name: does it and prints its results. */
export type Operation = (words: Arguments) => Promise<void>;
