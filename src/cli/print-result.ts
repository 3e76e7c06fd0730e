// cli/print-result.ts: what a command has done, told where it was asked for.
import { jsonText } from "./json-text.ts";

/**
 * Prints a result as one line of JSON: on standard output with `--json`, else on standard error where a person looks at it.
 * @param words for that person; the JSON when absent
 */
export function printResult(
  options: { readonly json?: boolean },
  result: object,
  words: string = jsonText(result),
): void {
  if (options.json === true) process.stdout.write(`${jsonText(result)}\n`);
  else if (process.stderr.isTTY) process.stderr.write(`${words}\n`);
}
