// session/table-format.ts: Spark programs name a format; here there is one.
import { AlluviumError } from "../format/error.ts";

/** @throws AlluviumError `INVALID_ARGUMENT` for any format but Delta @param isRead SQL reads some other files */
export function requireDelta(name: string, isRead = false): void {
  const format = name.toLowerCase();
  if (format === "delta") return;
  const call = isRead ? readers[format] : undefined;
  const hint = call === undefined ? "" : `; files of rows are read in SQL: SELECT * FROM ${call}('path/*.${format}')`;
  const message = `the only table format here is delta, not ${name}${hint}`;
  throw new AlluviumError("INVALID_ARGUMENT", { format: name }, message);
}

const readers: Readonly<Record<string, string>> = { parquet: "read_parquet", csv: "read_csv", json: "read_json" };
