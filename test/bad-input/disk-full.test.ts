// test/bad-input/disk-full.test.ts: a disk that is really full: a file system of four megabytes.
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DeltaTable, Session } from "../../src/index.ts";
import { muteWarnings } from "../mute-warnings.ts";
import { expectRefused } from "./fingerprint.ts";

muteWarnings();

/** A small disk of its own; null where this user may not mount one. */
function smallDisk(): string | null {
  const folder = mkdtempSync(join(tmpdir(), "alluvium-disk-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], { stdio: "ignore" });
  } catch {
    rmdirSync(folder);
    return null;
  }
  onTestFinished(() => {
    execFileSync("umount", ["-l", folder]);
    rmdirSync(folder);
  });
  return folder;
}

const noMount = "mount needs rights that this user lacks";

// Of random letters, which no codec makes smaller.
const rowsOf = (count: number): readonly { id: bigint; text: string }[] =>
  Array.from({ length: count }, (_, index) => ({ id: BigInt(index), text: randomBytes(3000).toString("base64") }));

test("a write for which the disk has no room is DISK_FULL, leaves the table as it was, and succeeds when there is room", async ({
  skip,
}) => {
  const disk = smallDisk();
  if (disk === null) return skip(noMount);
  await using table = await DeltaTable.create(join(disk, "books"), { schema: "id BIGINT, text STRING" });
  await table.append([{ id: 1n, text: "first" }]);
  const filler = join(disk, "filler");
  writeFileSync(filler, new Uint8Array(3_500_000));
  const rows = rowsOf(300);
  await expectRefused(disk, "DISK_FULL", () => table.append(rows));
  rmSync(filler);
  await table.append(rows);
  const found = [];
  for await (const row of table.rows({ columns: ["id"] })) found.push(row["id"]);
  expect(found).toHaveLength(301);
});

test("a stream whose disk is full ends with DISK_FULL, and gives each row once when it goes on", async ({ skip }) => {
  const disk = smallDisk();
  if (disk === null) return skip(noMount);
  const elsewhere = mkdtempSync(join(tmpdir(), "alluvium-lake-"));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  await using spark = await Session.open({ warehouse: elsewhere });
  const source = await spark.createTable("source", { schema: "id BIGINT, text STRING" });
  await source.append(rowsOf(300));
  const drain = async (): Promise<void> => {
    const query = await spark.readStream
      .table("source")
      .where("id >= 0")
      .writeStream.option("checkpointLocation", join(disk, "checkpoint"))
      .trigger({ availableNow: true })
      .start(join(disk, "copy"));
    await query.awaitTermination();
  };
  const filler = join(disk, "filler");
  writeFileSync(filler, new Uint8Array(3_500_000));
  const failure = await drain().then(
    () => null,
    (error: unknown) => error,
  );
  expect([failure, (failure as { cause?: unknown } | null)?.cause]).toContainEqual(
    expect.objectContaining({ code: "DISK_FULL" }),
  );
  rmSync(filler);
  await drain();
  await drain();
  const copy = await spark.read.load(join(disk, "copy")).collect();
  expect(copy.map((row) => row["id"]).toSorted((a, b) => Number(a) - Number(b))).toEqual(
    Array.from({ length: 300 }, (_, index) => BigInt(index)),
  );
});
