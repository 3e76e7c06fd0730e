// expression/parse/token-cursor.ts: a place in a list of tokens, and the questions a parser asks there.
import type { AlluviumError } from "../../format/text/error.ts";
import { syntaxError, tokenize } from "./token.ts";
import type { Token } from "./token.ts";

/** Reads tokens one by one. Words compare without regard to case. */
export class TokenCursor {
  readonly text: string;
  readonly #tokens: Token[];
  #index = 0;
  #depth = 0;

  /** @throws AlluviumError `INVALID_PREDICATE` when the text has no tokens to it */
  constructor(text: string) {
    this.text = text;
    this.#tokens = [...tokenize(text)];
  }

  /** The token `ahead` places on; past the end it is the `end` token. */
  peek(ahead = 0): Token {
    const index = Math.min(this.#index + ahead, this.#tokens.length - 1);
    return this.#tokens[index] as Token; // there is always an end token
  }

  next(): Token {
    const token = this.peek();
    this.#index += 1;
    return token;
  }

  get isAtEnd(): boolean {
    return this.peek().kind === "end";
  }

  /** True when the token is one of these words (lower case) and not quoted. */
  isWord(words: string | readonly string[], ahead = 0): boolean {
    const token = this.peek(ahead);
    if (token.kind !== "word") return false;
    const word = token.text.toLowerCase();
    return typeof words === "string" ? word === words : words.includes(word);
  }

  takeWord(words: string | readonly string[]): boolean {
    if (!this.isWord(words)) return false;
    this.#index += 1;
    return true;
  }

  expectWord(word: string): void {
    if (!this.takeWord(word)) throw this.fail(`${word.toUpperCase()} is missing`);
  }

  isSymbol(symbol: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "symbol" && token.text === symbol;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#index += 1;
    return true;
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.fail(`${symbol} is missing`);
  }

  /** Takes one `>`, also off the front of `>>` and `>>>`, which close nested types. */
  expectAngle(): void {
    const token = this.peek();
    if (token.kind !== "symbol" || !/^>+$/.test(token.text)) throw this.fail("> is missing");
    if (token.text === ">") this.#index += 1;
    else
      this.#tokens[this.#index] = {
        ...token,
        text: token.text.slice(1),
        value: token.value.slice(1),
        at: token.at + 1,
      };
  }

  /** A name: a word or a quoted name. */
  expectName(): string {
    const token = this.peek();
    if (token.kind !== "word" && token.kind !== "quoted") throw this.fail("a name is missing");
    this.#index += 1;
    return token.value;
  }

  /** Runs `parse` one level deeper. @throws AlluviumError `INVALID_PREDICATE` beyond the depth that a stack can hold */
  nested<T>(parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > depthMax) throw this.fail(`it is nested deeper than ${depthMax} levels`);
    const result = parse();
    this.#depth -= 1;
    return result;
  }

  /** An error that points at the present token. */
  fail(problem: string): AlluviumError {
    return syntaxError(this.text, this.peek().at, problem);
  }
}

const depthMax = 200;
