// A folder of tables that this engine and its peers share, for one test file.
import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Session, formatSchema } from "../../src/index.ts";
import type { CreateTableOptions, DeltaTable, OpenOptions, ReadOptions, StructType } from "../../src/index.ts";
import type { PeerRow } from "./peer.ts";
import { ourRow, peerRows, sorted } from "./peer-value.ts";

/** Tables under one temporary folder, and a session of this engine over it. Its path holds characters that need escaping. */
export class Lake implements AsyncDisposable {
  readonly root: string;
  readonly session: Session;

  private constructor(root: string, session: Session) {
    this.root = root;
    this.session = session;
  }

  /** @param conf settings of the session */
  static async open(conf: Readonly<Record<string, string>> = {}): Promise<Lake> {
    const root = await mkdtemp(join(tmpdir(), "alluvium interop ü "));
    return new Lake(root, await Session.open({ warehouse: root, conf }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session.close();
    await rm(this.root, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.root, name);
  }

  create(name: string, options: CreateTableOptions): Promise<DeltaTable> {
    return this.session.createTableAt(this.path(name), options);
  }

  /** Appends rows in the peers' form, one commit. */
  async append(name: string, rows: readonly PeerRow[]): Promise<number> {
    const table = await this.session.deltaTableAt(this.path(name));
    return (await table.append(rows.map((row) => ourRow(row, table.schema)))).version;
  }

  /** Rows as we read them, in the peers' form and sorted. */
  async rows(name: string, options: OpenOptions & ReadOptions = {}): Promise<readonly PeerRow[]> {
    const table = await this.session.deltaTableAt(this.path(name), options);
    const batches = (await table.toArrow(options)).batches;
    const { columns } = options;
    const fields =
      columns === undefined
        ? table.schema.fields
        : columns.flatMap((c) => table.schema.fields.filter((f) => f.name === c));
    return sorted(peerRows(batches, { kind: "struct", fields }));
  }

  async version(name: string): Promise<number> {
    return (await this.session.deltaTableAt(this.path(name))).version;
  }

  /** Delta's schema JSON, parsed. */
  async schema(name: string, options: OpenOptions = {}): Promise<unknown> {
    return JSON.parse(formatSchema((await this.session.deltaTableAt(this.path(name), options)).schema));
  }

  /** Names in a table's `_delta_log`, ascending. */
  log(name: string): readonly string[] {
    const folder = join(this.path(name), "_delta_log");
    return existsSync(folder) ? readdirSync(folder).toSorted() : [];
  }

  /** The actions of one commit. */
  commit(name: string, version: number): readonly Record<string, Record<string, unknown>>[] {
    return readFileSync(join(this.path(name), "_delta_log", `${digits(version)}.json`), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, Record<string, unknown>>);
  }

  /** Removes files of the log below a version, and the checksum files of Hadoop beside them. */
  forgetBefore(name: string, version: number): void {
    for (const file of this.log(name)) {
      const found = /^\.?(\d{20})\./.exec(file);
      if (found !== null && Number(found[1]) < version) rmSync(join(this.path(name), "_delta_log", file));
    }
  }
}

/** A number as log file names have it. */
export function digits(version: number): string {
  return String(version).padStart(20, "0");
}

/** `struct` as the peers take it: Delta's schema JSON, parsed. */
export function schemaJson(schema: StructType): {
  readonly fields: readonly { readonly name: string; readonly type: unknown }[];
} {
  return JSON.parse(formatSchema(schema)) as ReturnType<typeof schemaJson>;
}
