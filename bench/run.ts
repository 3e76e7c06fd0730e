// bench/run.ts: `npm run bench`. Without an operation it runs every comparison and prints it; with one, that operation alone:
// `node build/bench/run.js append table=/tmp/a rows=1 commits=200` prints `RESULT {json}`.
import { Arguments } from "./arguments.ts";
import { type Options, readOptions, usage } from "./options.ts";

const [first, ...rest] = process.argv.slice(2);

if (first === "--help") {
  console.log(usage);
} else if (first === undefined || first.startsWith("--")) {
  process.exitCode = await runComparisons(process.argv.slice(2));
} else {
  process.exitCode = await runOperation(first, rest);
}

async function runComparisons(words: readonly string[]): Promise<number> {
  const { runSuite } = await import("./suite.ts");
  const options = optionsOf(words);
  return options === null ? 2 : runSuite(options);
}

function optionsOf(words: readonly string[]): Options | null {
  try {
    return readOptions(words);
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}\n${usage}`);
    return null;
  }
}

async function runOperation(name: string, words: readonly string[]): Promise<number> {
  const { operations, unsupportedOperations } = await import("./operations.ts");
  const operation = operations[name];
  if (operation === undefined) {
    const reason = unsupportedOperations[name];
    console.error(
      reason === undefined
        ? `error: no operation ${name}; there are ${Object.keys(operations).join(", ")}`
        : `error: ${name} is not supported: ${reason}`,
    );
    return 2;
  }
  try {
    await operation(new Arguments(words));
    return 0;
  } catch (error) {
    console.error(`error: ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    return 1;
  }
}
