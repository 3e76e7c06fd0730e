// index.ts: the public surface of alluvium: all that is here, and nothing that is not.
/// <reference lib="esnext.disposable" preserve="true" />
export { Session, type SessionOptions, type SqlOptions } from "./session/session.ts";
export { DataFrame, type MapBatchesOptions } from "./session/data-frame.ts";
export { DataFrameReader } from "./session/data-frame-reader.ts";
export { DataFrameWriter } from "./session/data-frame-writer.ts";
export { DataStreamReader } from "./session/data-stream-reader.ts";
export { DataStreamWriter, type ForeachBatchFunction } from "./session/data-stream-writer.ts";
export { UdfRegistration, type UserFunctionOptions } from "./session/udf-registration.ts";
export { type CatalogTable, SessionCatalog } from "./session/session-catalog.ts";
export { GroupedData } from "./session/grouped-data.ts";
export type { JoinOn, JoinType } from "./session/frame-query.ts";
export type { DropWhen, FillValue, NullFunctions } from "./session/null-functions.ts";
export type { LiveOptions, LiveUpdate, LiveUpdates } from "./session/live.ts";
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
} from "./session/functions.ts";
export type { ColumnInput } from "./session/column-text.ts";
export type { OptionValue } from "./session/option-bag.ts";
export type { MapBatchesFunction } from "./session/plan.ts";
export { DeltaTable, type IfExists } from "./table/delta-table.ts";
export type { ReadOptions } from "./table/read-rows.ts";
export type { OpenOptions } from "./table/open-table.ts";
export type { AlterResult, DropFeatureOptions } from "./table/alter-table.ts";
export type { NewColumn } from "./table/alter-columns.ts";
export type { ColumnEdit } from "./table/change-column.ts";
export type { ColumnPosition } from "./format/edit-schema.ts";
export type { CreateTableOptions } from "./table/create-table.ts";
export type { WriteOptions, WriteResult } from "./table/append-rows.ts";
export type { OverwriteOptions } from "./table/overwrite-rows.ts";
export type { SaveMode } from "./table/save-rows.ts";
export { type ChangeOptions, TableChanges } from "./table/change-feed.ts";
export type { FileCheck } from "./table/check-files.ts";
export type { DeleteResult } from "./table/delete-rows.ts";
export type { UpdateOptions, UpdateResult } from "./table/update-rows.ts";
export { type ClauseCondition, type ClauseSet, type ClauseValues, MergeBuilder } from "./table/merge-builder.ts";
export type { MergeAliases, MergeResult } from "./table/merge-clause.ts";
export type { AssignmentInput } from "./table/assignments.ts";
export type { ExpressionInput } from "./expression/bind-row-expression.ts";
export type { HistoryRecord } from "./table/history-record.ts";
export type { TableDetail } from "./table/table-detail.ts";
export type { SchemaInput } from "./table/schema-input.ts";
export { type InputFileOptions, inputFiles } from "./table/input-files.ts";
export type { InputPortion, RowInput, RowObject, RowsProvider, TableInput } from "./table/table-input.ts";
export { arrowIpcStream, arrowSchemaOf, rowsOfBatch } from "./table/arrow-view.ts";
export { writeParquetFile } from "./table/parquet-file.ts";
export type { Protocol } from "./format/action.ts";
export type {
  ArrayType,
  DataType,
  DecimalType,
  MapType,
  PrimitiveName,
  PrimitiveType,
  StructField,
  StructType,
} from "./format/schema.ts";
export { formatSchema, parseSchema } from "./format/schema-json.ts";
export { formatType } from "./format/schema-type.ts";
export type { JsonObject, JsonValue } from "./format/json.ts";
export { packageVersion as version } from "./format/package-version.ts";
export { AlluviumError, type ErrorCode, type ErrorContext, type ErrorKind } from "./format/error.ts";
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
} from "./expression/builder.ts";
export { CaseExpression, when } from "./expression/case-expression.ts";
export type { PredicateInput } from "./expression/predicate-input.ts";
export type { SortKey } from "./expression/sort-key.ts";
export { StreamingQuery } from "./stream/streaming-query.ts";
export { StreamingQueryManager } from "./stream/query-manager.ts";
export type { StreamingQueryListener } from "./stream/query-listener.ts";
export type { StateOperatorProgress } from "./stream/batch-plan.ts";
export type { EventTimeProgress, SourceProgress, StreamingQueryProgress } from "./stream/query-progress.ts";
export type { StreamingQueryStatus } from "./stream/query-state.ts";
export type { OutputMode } from "./stream/output-mode.ts";
export type { TriggerInput } from "./stream/trigger.ts";
