// test/writer/small-table.ts: a table of two columns to commit to, and what tests ask of it.
import type { Engine } from "../../src/engine/base/engine.ts";
import type { AddFile, Metadata, Protocol } from "../../src/format/action/action.ts";
import { AlluviumError } from "../../src/format/text/error.ts";
import { formatSchema } from "../../src/format/schema/schema-json.ts";
import type { StructType } from "../../src/format/schema/schema.ts";
import type { Snapshot } from "../../src/log/state/snapshot.ts";
import { beginCreate, beginTransaction } from "../../src/writer/transaction.ts";
import type { CommitResult } from "../../src/writer/transaction.ts";
import { struct } from "./support.ts";

export const schema: StructType = struct({ id: "long", part: "string" });
export const protocol: Protocol = { kind: "protocol", minReaderVersion: 1, minWriterVersion: 2 };

export function metadataOf(engine: Engine, configuration: Readonly<Record<string, string>> = {}): Metadata {
  return {
    kind: "metaData",
    id: engine.random.uuid(),
    format: { provider: "parquet", options: new Map() },
    schemaString: formatSchema(schema),
    partitionColumns: ["part"],
    configuration: new Map(Object.entries(configuration)),
    createdTimeMs: 1,
  };
}

export async function createAt(
  engine: Engine,
  path: string,
  configuration: Readonly<Record<string, string>> = {},
): Promise<Snapshot> {
  const transaction = beginCreate(engine, path);
  transaction.updateProtocol(protocol);
  transaction.updateMetadata(metadataOf(engine, configuration));
  return committed(await transaction.commit({ operation: "CREATE TABLE", parameters: {}, actions: [] }));
}

export function committed(result: CommitResult): Snapshot {
  if (result.status !== "committed") throw new Error("not committed");
  return result.snapshot;
}

export const addOf = (path: string, part = "a"): AddFile => ({
  kind: "add",
  path,
  partitionValues: new Map([["part", part]]),
  sizeBytes: 1,
  modificationTimeMs: 1,
  dataChange: true,
});

export async function append(engine: Engine, snapshot: Snapshot, path: string): Promise<CommitResult> {
  return beginTransaction(engine, snapshot).commit({
    operation: "WRITE",
    parameters: { mode: "Append" },
    actions: [addOf(path)],
  });
}

export async function codeOf(work: Promise<unknown>): Promise<string> {
  const cause: unknown = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return cause instanceof AlluviumError ? cause.code : String(cause);
}

export async function pathsOf(snapshot: Snapshot): Promise<readonly string[]> {
  const paths: string[] = [];
  for await (const chunk of snapshot.files.chunks()) paths.push(...chunk.map((file) => file.path));
  return paths.toSorted();
}
