// format/text/known-option.ts: names of options, which have no case.
import { didYouMean } from "./did-you-mean.ts";
import { AlluviumError, type ErrorCode } from "./error.ts";

/** Who has which options. */
export interface OptionNames<N extends string> {
  /** For messages, such as `read`. */
  readonly owner: string;
  readonly names: readonly N[];
  /** `DELTA_ILLEGAL_OPTION` when absent. */
  readonly code?: ErrorCode;
}

/** The option as its owner spells it. @throws AlluviumError of the owner's code for a name that is none, with the one that is near */
export function knownOption<N extends string>(
  name: string,
  { owner, names, code = "DELTA_ILLEGAL_OPTION" }: OptionNames<N>,
): N {
  const known = names.find((option) => option.toLowerCase() === name.toLowerCase());
  if (known !== undefined) return known;
  const near = didYouMean(name, names);
  const hint = near === null ? "" : `; did you mean ${near}?`;
  const message = `${owner} has no option ${JSON.stringify(name)}${hint} (it has ${names.join(", ")})`;
  throw new AlluviumError(code, { option: name }, message);
}
