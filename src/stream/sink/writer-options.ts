// stream/sink/writer-options.ts: the options of `writeStream`, checked before the query starts; names in any case.
import { knownOption } from "../../format/text/known-option.ts";
import { AlluviumError } from "../../format/text/error.ts";
import { sourceOptionNames } from "../source/source-options.ts";

/** The options as a query uses them; null where nothing was said. */
export interface WriterOptions {
  readonly checkpointLocation: string | null;
  readonly path: string | null;
  readonly queryName: string | null;
  readonly mergeSchema: boolean;
  readonly overwriteSchema: boolean;
  readonly userMetadata: string | null;
  /** For update mode into a table: the columns by which a row replaces its predecessor, a list with commas. */
  readonly keyColumns: readonly string[] | null;
}

const writerOptionNames = [
  "checkpointLocation",
  "path",
  "queryName",
  "mergeSchema",
  "overwriteSchema",
  "userMetadata",
  "keyColumns",
] as const;
type WriterOptionName = (typeof writerOptionNames)[number];

/**
 * Reads the options.
 * @throws AlluviumError `DELTA_ILLEGAL_OPTION` for an option of the source (it would have no effect here), an unknown one, or a bad value
 */
export function parseWriterOptions(options: ReadonlyMap<string, string>): WriterOptions {
  const given = new Map<WriterOptionName, string>();
  for (const [name, value] of options) given.set(writerOptionName(name), value);
  return {
    checkpointLocation: given.get("checkpointLocation") ?? null,
    path: given.get("path") ?? null,
    queryName: given.get("queryName") ?? null,
    mergeSchema: readFlag(given, "mergeSchema"),
    overwriteSchema: readFlag(given, "overwriteSchema"),
    userMetadata: given.get("userMetadata") ?? null,
    keyColumns: readNames(given, "keyColumns"),
  };
}

function readNames(given: ReadonlyMap<WriterOptionName, string>, name: WriterOptionName): readonly string[] | null {
  const text = given.get(name);
  if (text === undefined) return null;
  const names = text.split(",").map((part) => part.trim().replace(/^`(.*)`$/u, "$1"));
  if (names.every((part) => part !== "")) return names;
  const message = `option ${name} must be names of columns with commas between, not ${JSON.stringify(text)}`;
  throw new AlluviumError("DELTA_ILLEGAL_OPTION", { option: name, value: text }, message);
}

function writerOptionName(name: string): WriterOptionName {
  const ofSource = sourceOptionNames.find((option) => option.toLowerCase() === name.toLowerCase());
  if (ofSource !== undefined) {
    const message = `${ofSource} is an option of the source and has no effect on writeStream: give it to readStream`;
    throw new AlluviumError("DELTA_ILLEGAL_OPTION", { option: name }, message);
  }
  return knownOption(name, { owner: "writeStream", names: writerOptionNames });
}

function readFlag(given: ReadonlyMap<WriterOptionName, string>, name: WriterOptionName): boolean {
  const value = given.get(name)?.toLowerCase();
  if (value === undefined) return false;
  if (value === "true" || value === "false") return value === "true";
  throw new AlluviumError(
    "DELTA_ILLEGAL_OPTION",
    { option: name, value },
    `option ${name} must be true or false, not ${JSON.stringify(value)}`,
  );
}
