// format/text/read-setting.ts: session settings, whose values are text.
import { AlluviumError } from "./error.ts";

/** What a setting may say. */
export interface SettingKind<T> {
  /** For messages, such as `true or false`. */
  readonly wanted: string;
  /** The value of a text without space around it, in lower case; undefined for one that is none. */
  readonly read: (text: string) => T | undefined;
}

/**
 * The value of a setting; undefined where it is not set.
 * @throws AlluviumError `INVALID_ARGUMENT` naming a setting whose value cannot be read
 */
export function readSetting<T>(
  conf: ReadonlyMap<string, string>,
  name: string,
  { wanted, read }: SettingKind<T>,
): T | undefined {
  const text = conf.get(name);
  if (text === undefined) return undefined;
  const value = read(text.trim().toLowerCase());
  if (value !== undefined) return value;
  const message = `setting ${name} is ${wanted}, not ${JSON.stringify(text)}`;
  throw new AlluviumError("INVALID_ARGUMENT", { setting: name, value: text }, message);
}

/** One of several words. */
export function wordSetting<W extends string>(...words: readonly W[]): SettingKind<W> {
  return { wanted: words.join(" or "), read: (text) => words.find((word) => word === text) };
}

/** `true` or `false`. */
export const booleanSetting: SettingKind<boolean> = {
  wanted: "true or false",
  read: (text) => (text === "true" ? true : text === "false" ? false : undefined),
};

/** A whole number from 1. */
export const countSetting: SettingKind<number> = {
  wanted: "a whole number from 1",
  read: (text) =>
    /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) && Number(text) > 0 ? Number(text) : undefined,
};
