// format/text/error.ts: the one error class. Messages may change, codes may not; docs/ERRORS.md explains each code.

/** What the caller should do about an error. */
export type ErrorKind = "retry" | "rebase" | "fix-input" | "unsupported" | "corrupt" | "io" | "bug";

/** Every code with its kind. A code is never renamed; Delta's and Spark's own names are used where they have one. */
const kinds = {
  // Opening and reading tables.
  TABLE_NOT_FOUND: "fix-input",
  VERSION_NOT_FOUND: "fix-input",
  TIMESTAMP_OUT_OF_RANGE: "fix-input",
  UNSUPPORTED_FEATURE: "unsupported",
  CORRUPT_LOG: "corrupt",
  FILE_NOT_FOUND: "corrupt",
  CORRUPT_FILE: "corrupt",
  PARQUET_COLUMN_DATA_TYPE_MISMATCH: "corrupt",
  COLUMN_NOT_FOUND: "fix-input",
  INVALID_PREDICATE: "fix-input",
  INVALID_ARGUMENT: "fix-input",
  INVALID_RANGE: "fix-input",
  CHANGE_DATA_NOT_ENABLED: "fix-input",
  // The machine.
  IO_ERROR: "io",
  DISK_FULL: "io",
  OUT_OF_MEMORY: "io",
  INTERNAL_ERROR: "bug",
  CLOSED: "fix-input",
  // Transactions: Delta's names.
  DELTA_CONCURRENT_APPEND: "rebase",
  DELTA_CONCURRENT_DELETE_READ: "rebase",
  DELTA_CONCURRENT_DELETE_DELETE: "rebase",
  DELTA_METADATA_CHANGED: "rebase",
  DELTA_PROTOCOL_CHANGED: "rebase",
  DELTA_CONCURRENT_TRANSACTION: "rebase",
  DELTA_MAX_COMMIT_RETRIES_EXCEEDED: "retry",
  // Tables, schema, writes.
  DELTA_TABLE_ALREADY_EXISTS: "fix-input",
  DELTA_CREATE_TABLE_SCHEMA_MISMATCH: "fix-input",
  DELTA_CREATE_TABLE_WITH_NON_EMPTY_LOCATION: "fix-input",
  DELTA_METADATA_MISMATCH: "fix-input",
  DELTA_FAILED_TO_MERGE_FIELDS: "fix-input",
  DELTA_DUPLICATE_COLUMNS_FOUND: "fix-input",
  DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES: "fix-input",
  DELTA_INVALID_PARTITION_COLUMN_TYPE: "fix-input",
  DELTA_CANNOT_USE_ALL_COLUMNS_FOR_PARTITION: "fix-input",
  DELTA_NOT_NULL_CONSTRAINT_VIOLATED: "fix-input",
  DELTA_MISSING_NOT_NULL_COLUMN_VALUE: "fix-input",
  DELTA_VIOLATE_CONSTRAINT_WITH_VALUES: "fix-input",
  DELTA_CANNOT_MODIFY_APPEND_ONLY: "fix-input",
  DELTA_REPLACE_WHERE_MISMATCH: "fix-input",
  DELTA_MULTIPLE_SOURCE_ROW_MATCHING_TARGET_ROW_IN_MERGE: "fix-input",
  DELTA_ILLEGAL_OPTION: "fix-input",
  DELTA_UNKNOWN_CONFIGURATION: "fix-input",
  DELTA_INVALID_IDEMPOTENT_WRITES_OPTIONS: "fix-input",
  CAST_INVALID_INPUT: "fix-input",
  DUPLICATED_MAP_KEY: "fix-input",
  USER_RAISED_EXCEPTION: "fix-input",
  // Protocol, and statements that change a table.
  DELTA_FEATURES_REQUIRE_MANUAL_ENABLEMENT: "fix-input",
  DELTA_READ_FEATURE_PROTOCOL_REQUIRES_WRITE: "fix-input",
  DELTA_INVALID_PROTOCOL_DOWNGRADE: "fix-input",
  DELTA_UNSUPPORTED_COLUMN_MAPPING_MODE_CHANGE: "fix-input",
  DELTA_ENABLING_COLUMN_MAPPING_DISALLOWED_WHEN_COLUMN_MAPPING_METADATA_ALREADY_EXISTS: "fix-input",
  DELTA_UNSUPPORTED_RENAME_COLUMN: "fix-input",
  DELTA_UNSUPPORTED_DROP_COLUMN: "fix-input",
  DELTA_UNSUPPORTED_DROP_PARTITION_COLUMN: "fix-input",
  DELTA_UNSUPPORTED_DROP_CLUSTERING_COLUMN: "fix-input",
  DELTA_UNSUPPORTED_ALTER_TABLE_CHANGE_COL_OP: "fix-input",
  DELTA_DROP_COLUMN_ON_SINGLE_FIELD_SCHEMA: "fix-input",
  DELTA_ADD_COLUMN_PARENT_NOT_STRUCT: "fix-input",
  DELTA_INVALID_CONSTRAINT_NAME: "fix-input",
  DELTA_CONSTRAINT_ALREADY_EXISTS: "fix-input",
  DELTA_CONSTRAINT_DOES_NOT_EXIST: "fix-input",
  DELTA_CONSTRAINT_DEPENDENT_COLUMN_CHANGE: "fix-input",
  DELTA_NEW_CHECK_CONSTRAINT_VIOLATION: "fix-input",
  DELTA_NEW_NOT_NULL_VIOLATION: "fix-input",
  DELTA_ADD_CONSTRAINTS: "fix-input",
  DELTA_CLUSTERING_COLUMN_MISSING_STATS: "fix-input",
  DELTA_ALTER_TABLE_CLUSTER_BY_ON_PARTITIONED_TABLE_NOT_ALLOWED: "fix-input",
  WRONG_COLUMN_DEFAULTS_FOR_DELTA_ALTER_TABLE_ADD_COLUMN_NOT_SUPPORTED: "fix-input",
  WRONG_COLUMN_DEFAULTS_FOR_DELTA_FEATURE_NOT_ENABLED: "fix-input",
  DELTA_UNSET_NON_EXISTENT_PROPERTY: "fix-input",
  DELTA_ICEBERG_COMPAT_VIOLATION: "fix-input",
  DELTA_IDENTITY_COLUMNS_EXPLICIT_INSERT_NOT_SUPPORTED: "fix-input",
  DELTA_IDENTITY_COLUMNS_UPDATE_NOT_SUPPORTED: "fix-input",
  DELTA_IDENTITY_COLUMNS_UNSUPPORTED_DATA_TYPE: "fix-input",
  DELTA_IDENTITY_COLUMNS_PARTITION_NOT_SUPPORTED: "fix-input",
  DELTA_IDENTITY_COLUMNS_WITH_GENERATED_EXPRESSION: "fix-input",
  DELTA_IDENTITY_COLUMNS_ILLEGAL_STEP: "fix-input",
  DELTA_INVALID_GENERATED_COLUMN_REFERENCES: "fix-input",
  DELTA_NON_DETERMINISTIC_EXPRESSION_IN_GENERATED_COLUMN: "fix-input",
  DELTA_GENERATED_COLUMNS_EXPR_TYPE_MISMATCH: "fix-input",
  DELTA_NON_BOOLEAN_CHECK_CONSTRAINT: "fix-input",
  DELTA_ADDING_COLUMN_WITH_INTERNAL_NAME_FAILED: "fix-input",
  DELTA_MISSING_COMMIT_INFO: "corrupt",
  DELTA_MISSING_COMMIT_TIMESTAMP: "corrupt",
  DELTA_ROW_ID_ASSIGNMENT_WITHOUT_STATS: "fix-input",
  DELTA_ROW_TRACKING_ILLEGAL_PROPERTY_COMBINATION: "fix-input",
  DELTA_MERGE_MISSING_WHEN: "fix-input",
  DELTA_FEATURE_DROP_FEATURE_IS_DELTA_PROPERTY: "fix-input",
  DELTA_FEATURE_DROP_FEATURE_NOT_PRESENT: "fix-input",
  DELTA_FEATURE_DROP_NONREMOVABLE_FEATURE: "unsupported",
  DELTA_FEATURE_DROP_UNSUPPORTED_CLIENT_FEATURE: "unsupported",
  DELTA_FEATURE_DROP_DEPENDENT_FEATURE: "fix-input",
  DELTA_FEATURE_DROP_HISTORY_TRUNCATION_NOT_ALLOWED: "fix-input",
  DELTA_FEATURE_DROP_WAIT_FOR_RETENTION_PERIOD: "fix-input",
  DELTA_FEATURE_DROP_HISTORICAL_VERSIONS_EXIST: "fix-input",
  DELTA_FEATURE_DROP_CONFLICT_REVALIDATION_FAIL: "retry",
  DELTA_FEATURE_DROP_CHECKPOINT_PROTECTION_WAIT_FOR_RETENTION_PERIOD: "fix-input",
  DELTA_FEATURE_CAN_ONLY_DROP_CHECKPOINT_PROTECTION_WITH_HISTORY_TRUNCATION: "fix-input",
  DELTA_CANNOT_DROP_CHECK_CONSTRAINT_FEATURE: "fix-input",
  DELTA_INVALID_COLUMN_NAMES_WHEN_REMOVING_COLUMN_MAPPING: "fix-input",
  DELTA_CONFLICT_SET_COLUMN: "fix-input",
  DEFAULT_PLACEMENT_INVALID: "fix-input",
  DELTA_IDENTITY_COLUMNS_ALTER_NON_IDENTITY_COLUMN: "fix-input",
  DELTA_UPDATE_SCHEMA_MISMATCH_EXPRESSION: "fix-input",
  DELTA_UNSUPPORTED_NESTED_FIELD_IN_UPDATE: "fix-input",
  DELTA_UNSUPPORTED_NESTED_FIELD_IN_OPERATION: "fix-input",
  // Stream sources.
  DELTA_SCHEMA_NOT_SET: "fix-input",
  DELTA_SOURCE_IGNORE_DELETE: "fix-input",
  DELTA_SOURCE_TABLE_IGNORE_CHANGES: "fix-input",
  DELTA_SCHEMA_CHANGED_WITH_VERSION: "fix-input",
  DELTA_SCHEMA_CHANGED_WITH_STARTING_OPTIONS: "fix-input",
  DELTA_VERSION_NOT_FOUND: "fix-input",
  DELTA_TIMESTAMP_GREATER_THAN_COMMIT: "fix-input",
  DELTA_TIMESTAMP_INVALID: "fix-input",
  DELTA_STARTING_VERSION_AND_TIMESTAMP_BOTH_SET: "fix-input",
  DELTA_REGEX_OPT_SYNTAX_ERROR: "fix-input",
  DELTA_MISSING_FILES_UNEXPECTED_VERSION: "corrupt",
  DELTA_STREAMING_TRAILING_COMMIT_MISSING: "corrupt",
  DELTA_LOG_FILE_NOT_FOUND_FOR_STREAMING_SOURCE: "corrupt",
  DELTA_STREAMING_SCHEMA_MISMATCH_ON_RESTART: "fix-input",
  DELTA_STREAMING_INCOMPATIBLE_SCHEMA_CHANGE: "fix-input",
  DELTA_STREAMING_METADATA_EVOLUTION: "retry",
  DELTA_STREAMING_CANNOT_CONTINUE_PROCESSING_POST_SCHEMA_EVOLUTION: "fix-input",
  DELTA_STREAMING_SCHEMA_LOCATION_CONFLICT: "fix-input",
  DELTA_STREAMING_SCHEMA_LOCATION_NOT_UNDER_CHECKPOINT: "fix-input",
  DELTA_STREAMING_SCHEMA_LOG_DESERIALIZE_FAILED: "corrupt",
  DELTA_STREAMING_SCHEMA_LOG_PARSE_SCHEMA_FAILED: "corrupt",
  DELTA_STREAMING_SCHEMA_LOG_INCOMPATIBLE_DELTA_TABLE_ID: "fix-input",
  DELTA_STREAMING_SCHEMA_LOG_INIT_FAILED_INCOMPATIBLE_METADATA: "fix-input",
  DIFFERENT_DELTA_TABLE_READ_BY_STREAMING_SOURCE: "fix-input",
  DELTA_INVALID_FORMAT_FROM_SOURCE_VERSION: "corrupt",
  DELTA_INVALID_SOURCE_VERSION: "corrupt",
  DELTA_INVALID_SOURCE_OFFSET_FORMAT: "corrupt",
  DELTA_UNSUPPORTED_TIME_TRAVEL_VIEWS: "fix-input",
  DELTA_READ_SOURCE_SCHEMA_CONFLICT: "fix-input",
  // Queries and their checkpoints.
  STREAM_FAILED: "retry",
  STREAMING_OUTPUT_MODE_INVALID: "fix-input",
  STREAMING_OUTPUT_MODE_UNSUPPORTED_OPERATION: "fix-input",
  DELTA_UNSUPPORTED_OUTPUT_MODE: "fix-input",
  STREAMING_CHECKPOINT_LOCATION_MISSING: "fix-input",
  STREAMING_CHECKPOINT_MISSING_METADATA_FILE: "corrupt",
  STREAMING_CHECKPOINT_CORRUPT: "corrupt",
  STREAMING_CHECKPOINT_MISMATCH: "fix-input",
  STREAMING_CHECKPOINT_BEHIND_SINK: "fix-input",
  STREAMING_BATCH_OUTCOME_UNKNOWN: "fix-input",
  STREAMING_STATEFUL_OPERATOR_MISSING_STATE_DIRECTORY: "corrupt",
  STREAMING_STATEFUL_OPERATOR_NOT_MATCH_IN_STATE_METADATA: "fix-input",
  STATE_STORE_KEY_SCHEMA_NOT_COMPATIBLE: "fix-input",
  STATE_STORE_VALUE_SCHEMA_NOT_COMPATIBLE: "fix-input",
  CANNOT_LOAD_STATE_STORE: "corrupt",
  STDS_COMMITTED_BATCH_UNAVAILABLE: "fix-input",
  STDS_INVALID_OPTION_VALUE: "fix-input",
  INVALID_LOG_VERSION: "unsupported",
  MALFORMED_LOG_FILE: "corrupt",
  CONCURRENT_STREAM_LOG_UPDATE: "retry",
  CONCURRENT_QUERY: "fix-input",
  DUPLICATE_QUERY_NAME: "fix-input",
  FOREACH_BATCH_USER_FUNCTION_ERROR: "fix-input",
  FAILED_EXECUTE_UDF: "fix-input",
  WRITE_STREAM_NOT_ALLOWED: "fix-input",
  CALL_ON_STREAMING_DATASET_UNSUPPORTED: "fix-input",
  INVALID_TRIGGER: "fix-input",
  _LEGACY_ERROR_TEMP_3102: "fix-input",
  _LEGACY_ERROR_TEMP_3068: "fix-input",
  _LEGACY_ERROR_TEMP_1181: "fix-input",
  NON_TIME_WINDOW_NOT_SUPPORTED_IN_STREAMING: "fix-input",
  INVALID_SUBQUERY_EXPRESSION: "fix-input",
  EVENT_TIME_IS_NOT_ON_TIMESTAMP_TYPE: "fix-input",
  DATATYPE_MISMATCH: "fix-input",
  CANNOT_PARSE_INTERVAL: "fix-input",
  // Names and words.
  UNRESOLVED_COLUMN: "fix-input",
  UNRESOLVED_ROUTINE: "fix-input",
  AMBIGUOUS_REFERENCE: "fix-input",
  INCOMPATIBLE_COLUMN_TYPE: "fix-input",
  NON_PARTITION_COLUMN: "fix-input",
  SCHEMA_NOT_FOUND: "fix-input",
  UNBOUND_SQL_PARAMETER: "fix-input",
  MISSING_GROUP_BY: "fix-input",
  NUM_COLUMNS_MISMATCH: "fix-input",
  DIVIDE_BY_ZERO: "fix-input",
  INVALID_ARRAY_INDEX: "fix-input",
  INVALID_TIMEZONE: "fix-input",
  ARITHMETIC_OVERFLOW: "fix-input",
  NUMERIC_VALUE_OUT_OF_RANGE: "fix-input",
  MISSING_AGGREGATION: "fix-input",
  TEMP_TABLE_OR_VIEW_ALREADY_EXISTS: "fix-input",
  TABLE_OR_VIEW_ALREADY_EXISTS: "fix-input",
  INSERT_COLUMN_ARITY_MISMATCH: "fix-input",
  EXPECT_TABLE_NOT_VIEW: "fix-input",
  EXPECT_VIEW_NOT_TABLE: "fix-input",
  INVALID_TEMP_OBJ_REFERENCE: "fix-input",
  RECURSIVE_VIEW: "fix-input",
  TABLE_OR_VIEW_NOT_FOUND: "fix-input",
  PARSE_SYNTAX_ERROR: "fix-input",
} as const;

/** What happened. */
export type ErrorCode = keyof typeof kinds;

/** Facts about where it happened: table, version, file, column, option, … */
export type ErrorContext = Readonly<Record<string, string | number | bigint | boolean | null | undefined>>;

/** The only error this package throws on purpose. `message` says what is wrong, where, and what to do. */
export class AlluviumError extends Error {
  readonly code: ErrorCode;
  readonly context: ErrorContext;

  constructor(code: ErrorCode, context: ErrorContext, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "AlluviumError";
    this.code = code;
    this.context = context;
  }

  /** What the caller should do. */
  get kind(): ErrorKind {
    return kinds[this.code];
  }
}

/** Every code there is, in the order of docs/ERRORS.md. */
export const errorCodes: readonly ErrorCode[] = Object.keys(kinds) as ErrorCode[];

/**
 * States what must hold if this package has no bug.
 * @throws AlluviumError `INTERNAL_ERROR` when `condition` is false
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AlluviumError("INTERNAL_ERROR", {}, `this is a bug in alluvium: ${message}`);
}

/** The message of anything that was thrown. */
export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
