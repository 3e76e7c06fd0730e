// test/table/life.ts: the life of a table in steps, one commit each, and the rows that every version must have.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { Engine } from "../../src/engine/base/engine.ts";
import { localEngine } from "../../src/engine/local/local-engine.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import type { RowObject } from "../../src/table/input/table-input.ts";

/** One commit. Doing a step again, once it is committed, changes nothing. */
export interface Step {
  readonly name: string;
  readonly run: (table: DeltaTable) => Promise<unknown>;
  /** Rows of the table after it, as `show` prints them, sorted. */
  readonly rows: readonly string[];
}

const row = (id: number, day: string | null, text: string): RowObject => ({ id: BigInt(id), day, text });

const write = (version: number): { readonly txnAppId: string; readonly txnVersion: number } => ({
  txnAppId: "life",
  txnVersion: version,
});

/** The steps of versions 1 to 6; version 0 creates the table. A checkpoint is due at versions 2, 4 and 6. */
export const steps: readonly Step[] = [
  {
    name: "append rows to three partitions",
    run: (table) =>
      table.append([row(1, "mon", "a"), row(2, "tue", "b"), row(3, "mon", "c"), row(4, null, "d")], write(1)),
    rows: ["1 mon a", "2 tue b", "3 mon c", "4 null d"],
  },
  {
    name: "append to one partition, with a checkpoint",
    run: (table) => table.append([row(5, "mon", "e")], write(2)),
    rows: ["1 mon a", "2 tue b", "3 mon c", "4 null d", "5 mon e"],
  },
  {
    name: "delete rows by rewriting a file",
    run: (table) => table.delete("id = 3"),
    rows: ["1 mon a", "2 tue b", "4 null d", "5 mon e"],
  },
  {
    name: "delete a partition by metadata alone, with a checkpoint",
    run: (table) => table.delete("day = 'tue'"),
    rows: ["1 mon a", "4 null d", "5 mon e"],
  },
  {
    name: "replace the rows of a region",
    run: (table) => table.overwrite([row(6, "mon", "f"), row(7, "mon", "g")], { where: "day = 'mon'", ...write(5) }),
    rows: ["4 null d", "6 mon f", "7 mon g"],
  },
  {
    name: "overwrite everything, with a checkpoint",
    run: (table) => table.overwrite([row(8, "sun", "h")], write(6)),
    rows: ["8 sun h"],
  },
];

/** Rows of a version. */
export function rowsAt(version: number): readonly string[] {
  return steps[version - 1]?.rows ?? [];
}

/** A session over an engine; its tables lie in `root`. */
export function sessionOver(engine: Engine, root: string): Session {
  return Session.over(engine, { warehouse: root });
}

/** Makes the table `books` in `root`, takes its first `count` steps, and answers the handle. */
export async function live(engine: Engine, root: string, count: number): Promise<DeltaTable> {
  mkdirSync(root, { recursive: true });
  const table = await sessionOver(engine, root).createTable("books", {
    schema: "id BIGINT NOT NULL, day STRING, text STRING",
    partitionBy: ["day"],
    properties: { "delta.checkpointInterval": "2" },
  });
  for (const step of steps.slice(0, count)) await step.run(table);
  await engine.background.finish();
  return table;
}

/** The handle of the table `books` in `root`. */
export function reopen(engine: Engine, root: string, version?: number): Promise<DeltaTable> {
  return sessionOver(engine, root).deltaTable("books", version === undefined ? {} : { version });
}

/** Rows as text, sorted. */
export async function show(table: DeltaTable): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { id, day, text } of table.rows()) lines.push(`${String(id)} ${String(day)} ${String(text)}`);
  return lines.toSorted();
}

/** An engine for all tests of a file, closed after the last. */
export function sharedEngine(): Engine {
  const engine = localEngine();
  afterAll(() => engine[Symbol.asyncDispose]());
  return engine;
}

/** The log of the table in `root`. */
export const logOf = (root: string): string => join(root, "books", "_delta_log");
