// table/input/input-files.ts: files of rows as input for a table.
import type { RowsProvider } from "./table-input.ts";

/** What the files are. */
export interface InputFileOptions {
  /** `parquet`, `arrow`, `jsonl` or `csv`; told by the file's name when absent. */
  readonly format?: string | undefined;
}

/**
 * Rows of Parquet, Arrow, JSON-lines and CSV files; the columns of CSV and JSON take the table's types.
 * @param paths of files; `-` is standard input
 */
export function inputFiles(paths: readonly string[], options: InputFileOptions = {}): RowsProvider {
  return {
    toTableRows: async (engine, tableSchema) => {
      const { readInputFiles } = await import("../../writer/read-input.ts");
      return readInputFiles(engine, { paths, tableSchema, ...options });
    },
  };
}
