// test/table/random-history.test.ts: whatever is done to a table, every version of it has the rows of a naive model, also through
// predicates and projections, old handles, compactions and writers side by side. Laws L3 and L4.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { planScan } from "../../src/reader/scan.ts";
import { scannedTable, scanRelation } from "../../src/reader/scan-relation.ts";
import { scannedFiles } from "../../src/reader/scanned-files.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { removeFileOf, writeTarget } from "../../src/table/rows/file-changes.ts";
import { writeDataFiles } from "../../src/writer/data-file-writer.ts";
import { beginTransaction } from "../../src/writer/transaction.ts";
import { roundCount } from "../round-count.ts";
import { sessionOver, sharedEngine } from "./life.ts";
import { type ModelPredicate, type ModelRow, filterRows, keyOf, modelSchema, predicate, rowShape } from "./model.ts";

const engine = sharedEngine();

type Shape = Omit<ModelRow, "id">;

/** What may happen; `by` is the handle that does it, however old it is. */
type Event = { readonly by: number } & (
  | { readonly kind: "append"; readonly rows: readonly Shape[] }
  | { readonly kind: "appendTogether"; readonly rows: readonly Shape[]; readonly others: readonly Shape[] }
  | { readonly kind: "overwrite"; readonly rows: readonly Shape[] }
  | { readonly kind: "replacePart"; readonly part: string | null; readonly rows: readonly Shape[] }
  | { readonly kind: "replacePartitions"; readonly rows: readonly Shape[] }
  | { readonly kind: "delete"; readonly where: ModelPredicate }
  | { readonly kind: "deleteAll" }
  | { readonly kind: "compact" }
  | { readonly kind: "renameAndBack" }
  | { readonly kind: "reopen" }
);

const by = fc.nat(1);
const rows = fc.array(rowShape, { maxLength: 5 });
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("append" as const), by, rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("appendTogether" as const), by, rows, others: rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("overwrite" as const), by, rows }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("replacePart" as const),
      by,
      part: fc.constantFrom("a", "b c", null),
      rows,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("replacePartitions" as const), by, rows }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), by, where: predicate }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("deleteAll" as const), by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("compact" as const), by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("renameAndBack" as const), by }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const), by }) },
);

/** Features that must not change what a table holds. */
const features: fc.Arbitrary<Readonly<Record<string, string>>> = fc
  .record({
    mode: fc.constantFrom("none", "name", "id"),
    others: fc.subarray<readonly [string, string]>([
      ["delta.checkpointPolicy", "v2"],
      ["delta.enableInCommitTimestamps", "true"],
      ["delta.enableMaterializePartitionColumnsFeature", "true"],
      ["delta.enableDeletionVectors", "true"],
      ["delta.enableRowTracking", "true"],
      ["delta.enableTypeWidening", "true"],
      ["delta.enableChangeDataFeed", "true"],
    ]),
  })
  .map(({ mode, others }) => ({ "delta.columnMapping.mode": mode, ...Object.fromEntries(others) }));

/** A table, two handles of it, and what each version must hold. */
class History {
  readonly root: string = mkdtempSync(join(tmpdir(), "alluvium-test-"));
  readonly versions: (readonly ModelRow[])[] = [[]];
  /** Versions in which a column has another name. */
  readonly #renamed = new Set<number>();
  readonly #handles: DeltaTable[] = [];
  readonly #partitionBy: readonly string[];
  readonly #features: Readonly<Record<string, string>>;
  #idCount = 0n;

  constructor(partitionBy: readonly string[], withFeatures: Readonly<Record<string, string>>) {
    this.#partitionBy = partitionBy;
    this.#features = withFeatures;
  }

  async start(): Promise<void> {
    const session = sessionOver(engine, this.root);
    const properties = { "delta.checkpointInterval": "3", ...this.#features };
    await session.createTable("books", { schema: modelSchema, partitionBy: this.#partitionBy, properties });
    for (let index = 0; index < 2; index += 1) this.#handles.push(await this.open());
  }

  open(version?: number): Promise<DeltaTable> {
    return sessionOver(engine, this.root).deltaTable("books", version === undefined ? {} : { version });
  }

  get path(): string {
    return join(this.root, "books");
  }

  /** True where the model's predicates speak of the table's columns. */
  isAsked(version: number): boolean {
    return !this.#renamed.has(version);
  }

  /** From now on the table is replayed from version 0. */
  forgetCheckpoints(): void {
    const log = join(this.path, "_delta_log");
    for (const name of readdirSync(log)) if (name.includes("checkpoint")) rmSync(join(log, name));
  }

  get now(): readonly ModelRow[] {
    return this.versions.at(-1) ?? [];
  }

  async apply(each: Event): Promise<void> {
    const handle = this.#handles[each.by];
    if (handle === undefined) throw new Error("two handles");
    switch (each.kind) {
      case "append": {
        const added = this.#withIds(each.rows);
        return this.#commit([...this.now, ...added], () => handle.append(added));
      }
      case "appendTogether":
        return this.#appendTogether(each);
      case "overwrite": {
        const added = this.#withIds(each.rows);
        return this.#commit(added, () => handle.overwrite(added));
      }
      case "replacePart": {
        const added = this.#withIds(each.rows.map((row) => ({ ...row, part: each.part })));
        const where = each.part === null ? "part IS NULL" : `part = '${each.part}'`;
        const kept = this.now.filter((row) => row.part !== each.part);
        return this.#commit([...kept, ...added], () => handle.overwrite(added, { where }));
      }
      case "replacePartitions": {
        const added = this.#withIds(each.rows);
        const touched = new Set(added.map((row) => row.part));
        const kept = this.#partitionBy.length === 0 ? [] : this.now.filter((row) => !touched.has(row.part));
        return this.#commit([...kept, ...added], () => handle.overwrite(added, { partitionOverwriteMode: "dynamic" }));
      }
      case "delete": {
        const gone = new Set(filterRows(this.now, each.where));
        return this.#commitIf(
          gone.size > 0,
          this.now.filter((row) => !gone.has(row)),
          () => handle.delete(each.where.sql),
        );
      }
      case "deleteAll":
        return this.#commitIf(this.now.length > 0, [], () => handle.delete());
      case "compact":
        return this.#commit(this.now, () => this.#compact());
      case "renameAndBack": {
        if (this.#features["delta.columnMapping.mode"] === "none") return;
        await this.#commit(this.now, () => handle.renameColumn("text", "part, text"));
        this.#renamed.add(this.versions.length - 1);
        return this.#commit(this.now, () => handle.renameColumn("`part, text`", "text"));
      }
      case "reopen":
        this.#handles[each.by] = await this.open();
    }
  }

  #withIds(shapes: readonly Shape[]): readonly ModelRow[] {
    return shapes.map((shape) => ({ id: (this.#idCount += 1n), ...shape }));
  }

  async #commit(after: readonly ModelRow[], work: () => Promise<{ readonly version: number }>): Promise<void> {
    expect((await work()).version).toBe(this.versions.length);
    this.versions.push(after);
  }

  /** What changes nothing commits nothing. */
  async #commitIf(
    changes: boolean,
    after: readonly ModelRow[],
    work: () => Promise<{ readonly version: number }>,
  ): Promise<void> {
    if (changes) return this.#commit(after, work);
    expect((await work()).version).toBe(this.versions.length - 1);
  }

  /** Both are blind appends: either may come first, and neither is lost. */
  async #appendTogether({ rows: first, others }: Extract<Event, { kind: "appendTogether" }>): Promise<void> {
    const added = [this.#withIds(first), this.#withIds(others)];
    const results = await Promise.all(this.#handles.map((handle, index) => handle.append(added[index] ?? [])));
    const ordered = added
      .map((portion, index) => ({ portion, version: results[index]?.version ?? 0 }))
      .toSorted((a, b) => a.version - b.version);
    for (const { portion, version } of ordered) {
      expect(version).toBe(this.versions.length);
      this.versions.push([...this.now, ...portion]);
    }
  }

  /** All files into new ones, as OPTIMIZE does: rows stay what they are. */
  async #compact(): Promise<{ readonly version: number }> {
    const snapshot = await loadSnapshot(engine, this.path);
    const { files } = await planScan(engine, snapshot, {});
    const transaction = beginTransaction(engine, snapshot);
    transaction.readFiles(files);
    const table = scannedTable(snapshot);
    const sql = scanRelation(table, await scannedFiles(engine, table, { files }));
    const written = await writeDataFiles(engine, writeTarget(snapshot), {
      kind: "relation",
      schema: snapshot.schema,
      sql,
    });
    return transaction.commit({
      operation: "OPTIMIZE",
      parameters: {},
      actions: [
        ...files.map((file) => ({ ...removeFileOf(file, engine.clock.nowMs()), dataChange: false })),
        ...written.adds.map((add) => ({ ...add, dataChange: false })),
      ],
    });
  }
}

async function keys(table: DeltaTable, where?: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const row of table.rows(where === undefined ? {} : { where })) found.push(keyOf(row));
  return found.toSorted();
}

const keysOf = (expected: readonly ModelRow[]): readonly string[] => expected.map(keyOf).toSorted();

/** Every version, read by a handle of its own and through a random question. */
async function checkVersions(history: History, questions: readonly ModelPredicate[]): Promise<void> {
  for (const [version, expected] of history.versions.entries()) {
    if (!history.isAsked(version)) continue;
    const table = await history.open(version);
    expect(await keys(table), `version ${version}`).toEqual(keysOf(expected));
    const question = questions[version % questions.length];
    if (question === undefined) continue;
    const answer = filterRows(expected, question);
    expect(await keys(table, question.sql), `version ${version} where ${question.sql}`).toEqual(keysOf(answer));
    const ids: string[] = [];
    for await (const row of table.rows({ columns: ["ID"], where: question.sql })) ids.push(String(row["id"]));
    expect(ids.toSorted(), `id where ${question.sql}`).toEqual(answer.map((row) => String(row.id)).toSorted());
  }
}

test.each([
  { name: "not partitioned", partitionBy: [] },
  { name: "partitioned", partitionBy: ["part"] },
])(
  "every version of a table that is $name has the model's rows, whatever happens to it",
  { timeout: 600_000 },
  async ({ partitionBy }) => {
    const histories = fc.tuple(
      features,
      fc.array(event, { minLength: 1, maxLength: 14 }),
      fc.array(predicate, { minLength: 1, maxLength: 5 }),
    );
    const property = fc.asyncProperty(histories, async ([withFeatures, events, questions]) => {
      const history = new History(partitionBy, withFeatures);
      try {
        await history.start();
        for (const each of events) await history.apply(each);
        await engine.background.finish();
        await checkVersions(history, questions);
        // L4: the same without any checkpoint.
        history.forgetCheckpoints();
        await checkVersions(history, questions);
      } finally {
        rmSync(history.root, { recursive: true, force: true });
      }
    });
    await fc.assert(property, { seed: 20, numRuns: roundCount(20) });
  },
);
