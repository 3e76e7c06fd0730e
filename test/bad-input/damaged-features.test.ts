// test/bad-input/damaged-features.test.ts: deletion vectors, checksums, commits, `_last_checkpoint`, checkpoints of every layout and log
// compactions with bytes changed, cut off or added: the right rows, or an error with a code that names a file of the table; never other rows, a crash or a hang.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AlluviumError } from "../../src/format/text/error.ts";
import { loadSnapshot } from "../../src/log/snapshot/load-snapshot.ts";
import { Session } from "../../src/session/door/session.ts";
import type { DeltaTable } from "../../src/table/whole/delta-table.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { roundCount } from "../round-count.ts";
import { sessionOver, sharedEngine } from "../table/life.ts";

muteWarnings();
const engine = sharedEngine();
let template = "";
const newFolder = (): string => mkdtempSync(join(tmpdir(), "alluvium-test-"));

const rowsOf = async (table: DeltaTable): Promise<string> => {
  const ids: number[] = [];
  for await (const { id } of table.rows()) ids.push(Number(id));
  return ids.toSorted((a, b) => a - b).join();
};
const expected = Array.from({ length: 40 }, (_, id) => id)
  .filter((id) => ![3, 4, 5, 17].includes(id))
  .join();

const properties = {
  "delta.enableDeletionVectors": "true",
  "delta.enableChangeDataFeed": "true",
  "delta.enableRowTracking": "true",
};
const v2 = { ...properties, "delta.checkpointPolicy": "v2", "delta.checkpointInterval": "3" };
const sizes = { "spark.databricks.delta.checkpoint.partSize": "1" };

interface Layout {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly conf: Readonly<Record<string, string>>;
  /** What is damaged, by a part of its name. */
  readonly targets: readonly (readonly [name: string, pick: (path: string) => boolean])[];
}

const isOfCheckpoint = (path: string): boolean => /checkpoint.*\.(?:parquet|json)$|_sidecars/u.test(path);

/** Each a table with vectors, change files, row ids, a checkpoint or a log compaction, and commits after it. */
const layouts: readonly Layout[] = [
  {
    name: "a sidecar under JSON",
    properties: v2,
    conf: {},
    targets: [
      ["a deletion vector file", (path) => basename(path).startsWith("deletion_vector_")],
      ["a commit", (path) => /_delta_log\/\d{20}\.json$/u.test(path)],
      ["a checksum", (path) => path.endsWith(".crc")],
      ["_last_checkpoint", (path) => path.endsWith("_last_checkpoint")],
      ["a checkpoint or its sidecar", isOfCheckpoint],
    ],
  },
  {
    name: "sidecars under Parquet",
    properties: v2,
    conf: { ...sizes, "spark.databricks.delta.checkpointV2.topLevelFileFormat": "parquet" },
    targets: [["a checkpoint or its sidecars", isOfCheckpoint]],
  },
  {
    name: "a checkpoint in parts",
    properties: { ...properties, "delta.checkpointInterval": "3" },
    conf: sizes,
    targets: [["a part", isOfCheckpoint]],
  },
  {
    name: "a log compaction",
    properties: { ...properties, "delta.checkpointInterval": "100" },
    conf: {},
    targets: [["the compaction", (path) => path.endsWith(".compacted.json")]],
  },
];

async function makeTemplate({ properties: given, conf }: Layout): Promise<string> {
  const root = newFolder();
  const session = Session.over(engine, { warehouse: root, conf });
  const table = await session.createTable("t", { schema: "id BIGINT", properties: given });
  const ids = (from: number, to: number): readonly { id: bigint }[] =>
    Array.from({ length: to - from }, (_, index) => ({ id: BigInt(from + index) }));
  await table.append(ids(0, 20));
  await table.append(ids(20, 40));
  await table.delete("id IN (3, 4, 5)");
  await table.delete("id = 17");
  await engine.background.finish();
  compactAppends(join(root, "t", "_delta_log"));
  expect(await rowsOf(table)).toBe(expected);
  return root;
}

/** Versions 1 and 2 only add: of what they say, the domain that both set is the newer one's. */
function compactAppends(directory: string): void {
  const digits = (version: number): string => String(version).padStart(20, "0");
  const linesOf = (version: number): readonly string[] =>
    readFileSync(join(directory, `${digits(version)}.json`), "utf8")
      .trim()
      .split("\n");
  const first = linesOf(1).filter((line) => !line.startsWith('{"domainMetadata"'));
  const kept = [...first, ...linesOf(2)].filter((line) => !line.startsWith('{"commitInfo"'));
  writeFileSync(join(directory, `${digits(1)}.${digits(2)}.compacted.json`), `${kept.join("\n")}\n`);
}

type Damage =
  | { readonly kind: "flip"; readonly at: number; readonly bits: number }
  | { readonly kind: "cut"; readonly at: number }
  | { readonly kind: "insert"; readonly at: number; readonly bytes: string }
  | { readonly kind: "swap" };

const hostile = ["99999999999999999999999", '{"__proto__":{"a":1}}', "[".repeat(5000), "\u0000", "1e999", '"', "\n"];
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant("flip" as const), at: place, bits: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant("cut" as const), at: place }),
  fc.record({ kind: fc.constant("insert" as const), at: place, bytes: fc.constantFrom(...hostile) }),
  fc.record({ kind: fc.constant("swap" as const) }),
);

function damaged(bytes: Buffer, damage: Damage): Uint8Array {
  const at = "at" in damage ? Math.floor(damage.at * bytes.length) : 0;
  switch (damage.kind) {
    case "flip": {
      const copy = Uint8Array.from(bytes);
      copy[at] = (copy[at] ?? 0) ^ damage.bits;
      return copy;
    }
    case "cut":
      return bytes.subarray(0, at);
    case "insert":
      return Buffer.concat([bytes.subarray(0, at), Buffer.from(damage.bytes), bytes.subarray(at)]);
    case "swap":
      return Buffer.from(bytes.toString("latin1").split("\n").toReversed().join("\n"), "latin1");
  }
}

/** Opens the table and reads it; the rows, or the code of the error. */
async function attempt(root: string): Promise<string> {
  try {
    const snapshot = await loadSnapshot(engine, join(root, "t"));
    if (snapshot.version !== 4) return `version ${snapshot.version}`;
    return await rowsOf(await sessionOver(engine, root).deltaTable("t"));
  } catch (error) {
    expect(error).toBeInstanceOf(AlluviumError);
    const { kind, message } = error as AlluviumError;
    expect(["corrupt", "unsupported"], message).toContain(kind);
    expect(message).toContain(join(root, "t"));
    return "refused";
  }
}

describe.each(layouts)("of a table with $name", (layout) => {
  beforeAll(async () => {
    template = await makeTemplate(layout);
  });
  afterAll(() => rmSync(template, { recursive: true, force: true }));

  test.each(layout.targets)(
    "%s with any damage gives the right rows or is refused",
    { timeout: 300_000 },
    async (name, pick) => {
      const paths = (readdirSync(template, { recursive: true }) as string[]).filter(
        (path) => pick(path) && statSync(join(template, path)).isFile(),
      );
      expect(paths.length).toBeGreaterThan(0);
      await fc.assert(
        fc.asyncProperty(fc.nat(), damages, async (choice, damage) => {
          const root = newFolder();
          try {
            cpSync(template, root, { recursive: true });
            const path = join(root, paths[choice % paths.length] ?? "");
            const bytes = readFileSync(path);
            const changed = damaged(bytes, damage);
            writeFileSync(path, changed);
            const found = await attempt(root);
            if (Buffer.from(changed).equals(bytes)) expect(found).toBe(expected);
            // A text may be damaged into another text that is right, such as another time: then it may not be noticed.
            else if (found !== expected && found !== "refused")
              expect([name, damage, path, found]).toEqual("the right rows, or refused");
          } finally {
            rmSync(root, { recursive: true, force: true });
          }
        }),
        { numRuns: roundCount(60), seed: 23 },
      );
    },
  );
});
