// session/plan/option-bag.ts: options as readers and writers collect them. Names are case-insensitive, as in Spark.
import { AlluviumError } from "../../format/text/error.ts";

/** What an option's value may be; numbers and booleans become text. */
export type OptionValue = string | number | bigint | boolean;

/** Adds an option; a later value of the same name (in any case) wins. */
export function withOption(
  options: ReadonlyMap<string, string>,
  name: string,
  value: OptionValue,
): ReadonlyMap<string, string> {
  if (typeof name !== "string" || name === "") {
    throw new AlluviumError("DELTA_ILLEGAL_OPTION", {}, "an option needs a name");
  }
  if (!["string", "number", "bigint", "boolean"].includes(typeof value)) {
    throw new AlluviumError(
      "DELTA_ILLEGAL_OPTION",
      { option: name },
      `the value of option ${name} must be text, a number or a boolean, not ${typeof value}`,
    );
  }
  const kept = [...options].filter(([key]) => key.toLowerCase() !== name.toLowerCase());
  return new Map([...kept, [name, String(value)]]);
}

/** True for `true`, false for `false` and where the option is not given. @throws AlluviumError `DELTA_ILLEGAL_OPTION` */
export function optionFlag(options: ReadonlyMap<string, string>, name: string): boolean {
  const text = optionValue(options, name)?.toLowerCase() ?? "false";
  if (text === "true" || text === "false") return text === "true";
  const message = `option ${name} is true or false, not ${optionValue(options, name)}`;
  throw new AlluviumError("DELTA_ILLEGAL_OPTION", { option: name, value: text }, message);
}

/** The value of an option, its name in any case. */
export function optionValue(options: ReadonlyMap<string, string>, name: string): string | undefined {
  return [...options].find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1];
}
