// index.ts: the public surface of alluvium: all that is here, and nothing that is not.
/// <reference lib="esnext.disposable" preserve="true" />
export { Session, type SessionOptions } from "./session/door/session.ts";
export type { SqlOptions } from "./session/statement/run-sql.ts";
export { DataFrame, type MapBatchesOptions } from "./session/frame/data-frame.ts";
export { DataFrameReader } from "./session/frame/data-frame-reader.ts";
export { DataFrameWriter } from "./session/frame/data-frame-writer.ts";
export { DataStreamReader } from "./session/frame/data-stream-reader.ts";
export { DataStreamWriter, type ForeachBatchFunction } from "./session/frame/data-stream-writer.ts";
export { UdfRegistration, type UserFunctionOptions } from "./session/statement/udf-registration.ts";
export { SessionCatalog } from "./session/statement/session-catalog.ts";
export type { CatalogTable } from "./session/names/table-names.ts";
export { type AggregateInput, GroupedData } from "./session/frame/grouped-data.ts";
export type { JoinOn, JoinType } from "./session/plan/frame-query.ts";
export type { DropWhen, FillValue, NullFunctions } from "./session/plan/null-functions.ts";
export type { LiveOptions, LiveUpdate, LiveUpdates } from "./session/run/live.ts";
export {
  type FunctionColumn,
  asc,
  avg,
  coalesce,
  collectList,
  collectSet,
  count,
  countDistinct,
  currentTimestamp,
  desc,
  explode,
  first,
  last,
  lower,
  max,
  min,
  sessionWindow,
  stddev,
  sum,
  upper,
  variance,
  window,
} from "./session/plan/functions.ts";
export type { ColumnInput } from "./session/plan/column-text.ts";
export type { OptionValue } from "./session/plan/option-bag.ts";
export type { MapBatchesFunction } from "./session/plan/plan.ts";
export { DeltaTable, type IfExists } from "./table/whole/delta-table.ts";
export type { ReadOptions } from "./table/rows/read-rows.ts";
export type { OpenOptions } from "./table/whole/open-table.ts";
export type { AlterResult, DropFeatureOptions } from "./table/alter/alter-table.ts";
export type { NewColumn } from "./table/alter/alter-columns.ts";
export type { ColumnEdit } from "./table/alter/change-column.ts";
export type { ColumnPosition } from "./format/schema/edit-schema.ts";
export type { CreateTableOptions } from "./table/input/create-table.ts";
export type { WriteOptions, WriteResult } from "./table/rows/append-rows.ts";
export type { OverwriteOptions } from "./table/rows/overwrite-rows.ts";
export type { SaveMode } from "./table/rows/save-rows.ts";
export { type ChangeOptions, TableChanges } from "./table/whole/change-feed.ts";
export type { FileCheck } from "./table/whole/check-files.ts";
export type { DeleteResult } from "./table/rows/delete-rows.ts";
export type { UpdateOptions, UpdateResult } from "./table/rows/update-rows.ts";
export { type ClauseCondition, type ClauseSet, type ClauseValues, MergeBuilder } from "./table/merge/merge-builder.ts";
export type { MergeAliases, MergeResult } from "./table/merge/merge-clause.ts";
export type { AssignmentInput } from "./table/rows/assignments.ts";
export type { ExpressionInput } from "./expression/predicate/bind-row-expression.ts";
export type { HistoryRecord } from "./table/whole/history-record.ts";
export type { TableDetail } from "./table/whole/table-detail.ts";
export type { SchemaInput } from "./table/input/schema-input.ts";
export { type InputFileOptions, inputFiles } from "./table/input/input-files.ts";
export type { InputPortion, RowInput, RowObject, RowsProvider, TableInput } from "./table/input/table-input.ts";
export { arrowIpcStream, rowsOfBatches, valuesOfBatches } from "./table/rows/arrow-view.ts";
export { writeParquetFile } from "./table/rows/parquet-file.ts";
export type { Protocol } from "./format/action/action.ts";
export type {
  ArrayType,
  DataType,
  DecimalType,
  MapType,
  PrimitiveName,
  PrimitiveType,
  StructField,
  StructType,
} from "./format/schema/schema.ts";
export { formatSchema, parseSchema } from "./format/schema/schema-json.ts";
export { formatType } from "./format/schema/schema-type.ts";
export type { JsonObject, JsonValue } from "./format/text/json.ts";
export { packageVersion as version } from "./format/text/package-version.ts";
export { AlluviumError, type ErrorCode, type ErrorContext, type ErrorKind } from "./format/text/error.ts";
export {
  ColumnExpression,
  type LiteralInput,
  type Operand,
  and,
  callFunction,
  col,
  expr,
  lit,
  not,
  or,
} from "./expression/predicate/builder.ts";
export { CaseExpression, when } from "./expression/predicate/case-expression.ts";
export type { PredicateInput } from "./expression/predicate/predicate-input.ts";
export type { SortKey } from "./expression/tree/sort-key.ts";
export { StreamingQuery } from "./stream/query/streaming-query.ts";
export { StreamingQueryManager } from "./stream/query/query-manager.ts";
export type { StreamingQueryListener } from "./stream/query/query-listener.ts";
export type { StateOperatorProgress } from "./stream/operator/batch-plan.ts";
export type { EventTimeProgress, SourceProgress, StreamingQueryProgress } from "./stream/query/query-progress.ts";
export type { StreamingQueryStatus } from "./stream/query/query-state.ts";
export type { OutputMode } from "./stream/plan/output-mode.ts";
export type { TriggerInput } from "./stream/plan/trigger.ts";
