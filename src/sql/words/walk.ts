// sql/words/walk.ts: a place among the tokens of a query, and what its text is made into.
import type { NameScope } from "../../expression/bind/name-scope.ts";
import type { Token } from "../../expression/parse/token.ts";
import type { SqlOutput } from "./sql-output.ts";

/** A range of tokens; `end` is exclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What every rule of the translation is given; `query` and `list` are the rules that the others come back to. */
export interface Walk {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly out: SqlOutput;
  readonly scope: NameScope;
  /** Walks a query, or the inside of a bracket that holds one. */
  readonly query: (range: Range) => void;
  /** Walks a list of expressions. */
  readonly list: (range: Range) => void;
  /** The same place with its text going elsewhere. */
  readonly into: (out: SqlOutput) => Walk;
}

/** Where a token stands in the text. */
export const placeOf = ({ tokens }: Walk, index: number): number => tokens[index]?.at ?? 0;
