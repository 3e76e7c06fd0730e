// A process that appends group after group of rows to a table, takes single rows away again, and says on standard output what was
// reported to it: `appended N` and `thinned N`. Arguments: table, writer's name, number of the first group.
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { AlluviumError, DeltaTable } from "../../../src/index.ts";
import { groupRows } from "./group.ts";

const [, , path = "", writer = "", first = "0"] = argv;

/** Standard output, at once: what is said counts as reported. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** Tries until no other writer is in the way. */
async function untilDone(work: () => Promise<unknown>): Promise<void> {
  for (;;) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof AlluviumError) || error.kind !== "rebase") throw error;
    }
  }
}

const table = await DeltaTable.open(path);
say("ready");
for (let group = Number(first); ; group += 1) {
  const rows = groupRows(writer, group);
  await untilDone(() => table.append(rows, { txnAppId: writer, txnVersion: group }));
  say(`appended ${group}`);
  if (group % 4 !== 3) continue;
  await untilDone(() => table.delete(`writer = '${writer}' AND grp = ${group - 2} AND item = 0`));
  say(`thinned ${group - 2}`);
}
