// The same streaming programs, batch by batch, in Spark and here: the same rows of the same types, and the same refusals.
import { beforeAll, expect, test } from "vitest";
import { aggregatePrograms } from "./programs/aggregates.ts";
import { joinPrograms } from "./programs/joins.ts";
import { modes, shapes } from "../sql/stream-shapes.ts";
import type { StreamProgram, Turn } from "./programs/program.ts";
import { rowPrograms } from "./programs/rows.ts";
import { type Outcome, outcomeText, runHere, runInSpark } from "./programs/run-program.ts";

/** Each shape of the matrix in each mode; what runs is only started. */
const cells = shapes.flatMap((shape) =>
  modes.map((mode, index) => {
    const expected = (shape.spark?.verdicts ?? shape.ours)[index] as string;
    const turns: readonly Turn[] = [expected === "ok" ? {} : { e: ["a 1 1"] }];
    const program: StreamProgram = {
      ...shape,
      mode,
      turns,
      staticTable: "('a', 1, current_timestamp()) AS t(k, v, ts)",
    };
    return { name: shape.name, mode, expected, program };
  }),
);
const programs: readonly StreamProgram[] = [...rowPrograms, ...aggregatePrograms, ...joinPrograms];
const all = [...programs, ...cells.map((cell) => cell.program)];
const inSpark = new Map<StreamProgram, Outcome>();

beforeAll(async () => {
  const outcomes = await runInSpark(all);
  for (const [index, program] of all.entries()) inSpark.set(program, outcomes[index] as Outcome);
});

test.each(programs.map((program) => ({ name: program.name, mode: program.mode, program })))(
  "$name, $mode",
  async ({ program }) => {
    const theirs = outcomeText(inSpark.get(program) as Outcome);
    const ours = outcomeText(await runHere(program));
    const { difference } = program;
    expect(ours).toEqual(difference?.ours ?? theirs);
    // A difference that is gone is no longer stated.
    if (difference !== undefined) expect(theirs).not.toEqual(ours);
  },
);

test("Spark runs and refuses the shapes of the matrix in the modes that it names", () => {
  const found = cells.map(({ name, mode, program }) => {
    const outcome = inSpark.get(program) as Outcome;
    return [name, mode, "error" in outcome ? outcome.error : "ok"];
  });
  expect(found).toEqual(cells.map(({ name, mode, expected }) => [name, mode, expected]));
});
