// A streaming program run here and in Spark: the rows of every batch as `foreachBatch` gets them, or the refusal.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AlluviumError, type DataFrame, Session, type StreamingQuery, formatType } from "../../../src/index.ts";
import { type PeerRow, sharedPeer } from "../peer.ts";
import { peerRows, sorted } from "../peer-value.ts";
import { type StreamProgram, type Turn, staticRows } from "./program.ts";

/** What one batch put out. */
export interface BatchRows {
  readonly batch: number;
  readonly rows: readonly PeerRow[];
  /** SQL's type by column name. */
  readonly types: Readonly<Record<string, string>>;
}

/** Batches in their order, or the class of the error that ended the query. */
export type Outcome = { readonly batches: readonly BatchRows[] } | { readonly error: string; readonly message: string };

/** An outcome line by line: the error's class; or the types, and each row behind its batch's number. */
export function outcomeText(outcome: Outcome): readonly string[] {
  if ("error" in outcome) return [outcome.error];
  const rows = outcome.batches.flatMap(({ batch, rows: all }) => all.map((row) => `${batch} ${rowText(row)}`));
  const types = Object.entries(outcome.batches[0]?.types ?? {}).map(([name, type]) => `${name} ${type}`);
  return [types.join(", "), ...rows, `${outcome.batches.length} batches`];
}

// A row in the order of its columns.
const rowText = (row: PeerRow): string =>
  Object.values(row)
    .map((value) => (typeof value === "string" ? value : JSON.stringify(value)))
    .join(" ");

/** Runs programs in the shared Spark. */
export async function runInSpark(programs: readonly StreamProgram[]): Promise<readonly Outcome[]> {
  const answers = await sharedPeer("spark").execute(
    "from stream_programs import run_programs\nresult = run_programs(spark, args)",
    {
      threads: 3,
      programs: programs.map((program) => ({
        sql: program.sql,
        mode: program.mode,
        watermarks: program.watermarks ?? {},
        steps: program.steps ?? [],
        static: program.staticTable ?? staticTable,
        rounds: program.turns.map((turn) => ({ restarts: turn.restarts === true, input: inputOf(turn) })),
      })),
    },
  );
  return (answers as readonly Outcome[]).map((outcome) =>
    "error" in outcome
      ? { ...outcome, error: outcome.error.replaceAll(".", "_") }
      : { batches: outcome.batches.map((batch) => ({ ...batch, rows: sorted(batch.rows) })) },
  );
}

/** Runs a program here, in a session of its own. */
export async function runHere(program: StreamProgram): Promise<Outcome> {
  const root = await mkdtemp(join(tmpdir(), "alluvium-interop-stream-"));
  const spark = await Session.open({ warehouse: root });
  try {
    return { batches: await runTurns(program, spark, join(root, "checkpoint")) };
  } catch (error) {
    if (error instanceof AlluviumError) return { error: errorClass(error), message: error.message };
    throw error;
  } finally {
    await spark.close();
    await rm(root, { recursive: true, force: true });
  }
}

async function runTurns(program: StreamProgram, spark: Session, checkpoint: string): Promise<readonly BatchRows[]> {
  const seen: BatchRows[] = [];
  let query: StreamingQuery | null = null;
  const names = ["e", "f"] as const;
  for (const name of names) await spark.sql(`CREATE TABLE events_${name} (k STRING, v INT, ts TIMESTAMP)`);
  const s = await spark.createTable("s", { schema: "k STRING, w STRING" });
  await s.append(staticRows.map(([k, w]) => ({ k, w })));
  for (const turn of program.turns) {
    if (turn.restarts === true) {
      await query?.stop();
      query = null;
    }
    for (const [name, rows] of Object.entries(inputOf(turn))) {
      await spark.sql(`INSERT INTO events_${name} VALUES ${rows}`);
    }
    query ??= await (
      await frameOf(program, spark)
    ).writeStream
      .outputMode(program.mode)
      .option("checkpointLocation", checkpoint)
      .foreachBatch(async (batch, batchId) => {
        const schema = await batch.schema();
        const rows = sorted(peerRows((await batch.toArrow()).batches, schema));
        const types = Object.fromEntries(schema.fields.map((field) => [field.name, formatType(field.type)]));
        seen.push({ batch: batchId, rows, types });
      })
      .start();
    await query.processAllAvailable();
  }
  await query?.stop();
  return seen;
}

async function frameOf(program: StreamProgram, spark: Session): Promise<DataFrame> {
  for (const name of ["e", "f"] as const) {
    const delay = program.watermarks?.[name];
    const stream = spark.readStream.table(`events_${name}`);
    (delay === undefined ? stream : stream.withWatermark("ts", delay)).createOrReplaceTempView(name);
  }
  const methods = (frame: DataFrame) =>
    frame as unknown as Readonly<Record<string, (...args: readonly unknown[]) => DataFrame>>;
  return (program.steps ?? []).reduce<DataFrame>(
    (frame, [method, ...args]) => {
      const call = methods(frame)[method];
      if (call === undefined) throw new Error(`DataFrame has no ${method}`);
      return call.apply(frame, args);
    },
    await spark.sql(program.sql),
  );
}

/** The class of what went wrong in the query, not of the query's end. */
function errorClass(error: AlluviumError): string {
  return error.code === "STREAM_FAILED" && error.cause instanceof AlluviumError ? error.cause.code : error.code;
}

const staticTable = `${staticRows.map(([k, w]) => `(${k === null ? "NULL" : `'${k}'`}, '${w}')`).join(", ")} AS t(k, w)`;

/** Rows of VALUES by stream; both engines read the text. */
function inputOf(turn: Turn): Readonly<Record<string, string>> {
  const named = { e: turn.e, f: turn.f };
  return Object.fromEntries(
    Object.entries(named).flatMap(([name, events]) =>
      events === undefined || events.length === 0 ? [] : [[name, events.map(valuesOf).join(", ")]],
    ),
  );
}

function valuesOf(event: string): string {
  const [k = "-", v = "-", at = "-"] = event.split(" ");
  const time = at === "-" ? null : new Date(Date.UTC(2024, 0, 1) + Math.floor(Number(at)) * 1000);
  const fraction = at.includes(".") ? at.slice(at.indexOf(".")) : "";
  const text = time === null ? null : `${time.toISOString().slice(0, 19).replace("T", " ")}${fraction}Z`;
  const or = (value: string | null, type: string): string => value ?? `CAST(NULL AS ${type})`;
  return `(${or(k === "-" ? null : `'${k}'`, "STRING")}, ${or(v === "-" ? null : v, "INT")}, ${or(text === null ? null : `TIMESTAMP '${text}'`, "TIMESTAMP")})`;
}
