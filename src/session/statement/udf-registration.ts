// session/statement/udf-registration.ts: `spark.udf`: functions of JavaScript that SQL and expressions can call.
import { TokenCursor } from "../../expression/parse/token-cursor.ts";
import { type ColumnExpression, callFunction } from "../../expression/predicate/builder.ts";
import { isSparkFunction } from "../../expression/function/function-table.ts";
import { parseType } from "../../expression/parse/parse-type.ts";
import { AlluviumError, messageOf } from "../../format/text/error.ts";
import type { DataType } from "../../format/schema/schema.ts";
import { type FunctionColumn, columnOf } from "../plan/functions.ts";
import type { FrameContext } from "../plan/frame-context.ts";

/** How a function behaves. */
export interface UserFunctionOptions {
  /** In Spark's DDL (`"BIGINT"`, `"ARRAY<STRING>"`) or as a type. Default `"STRING"`. */
  readonly returnType?: string | DataType;
  /** False where two calls with the same arguments may differ, so that no call is spared. Default true. */
  readonly deterministic?: boolean;
}

/** Registers functions of JavaScript. They live as long as the session. */
export class UdfRegistration {
  readonly #context: FrameContext;

  /** @internal */
  constructor(context: FrameContext) {
    this.#context = context;
  }

  /**
   * Makes a function known by a name, in any case, in place of one of that name. It is called once a row with values as row
   * objects have them (64-bit integers bigint, decimals text, timestamps Date), null included, and must answer at once.
   * @param result the type of its answers, `"STRING"` when absent, or all options
   * @returns the function for expressions: arguments are columns by name, or expressions
   * @throws AlluviumError `INVALID_ARGUMENT` for a name that is none, or that a function of Spark has; for a type that cannot be read
   */
  register(
    name: string,
    fn: (...args: never[]) => unknown,
    result: string | DataType | UserFunctionOptions = {},
  ): (...columns: readonly FunctionColumn[]) => ColumnExpression {
    checkName(name);
    const isType = typeof result === "string" || "kind" in result;
    const { returnType = "STRING", deterministic = true } = isType ? { returnType: result } : result;
    const type = typeof returnType === "string" ? typeOf(returnType) : returnType;
    const { engine, functions } = this.#context;
    const sqlName = `alluvium_udf_${engine.random.uuid().replaceAll("-", "_")}`;
    const call = fn as (...args: readonly unknown[]) => unknown; // DuckDB says what comes; the user says what is meant
    engine.sql.register({ name, sqlName, returnType: type, isVolatile: !deterministic || fn.length === 0, call });
    functions.set(name.toLowerCase(), { sqlName, returnType: type });
    return (...columns) => callFunction(name, ...columns.map(columnOf));
  }
}

function checkName(name: string): void {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const message = `${JSON.stringify(name)} is no name of a function; it is letters, digits and _, not beginning with a digit`;
    throw new AlluviumError("INVALID_ARGUMENT", { name }, message);
  }
  if (!isSparkFunction(name)) return;
  const message = `${name} is a function of Spark already; give yours another name`;
  throw new AlluviumError("INVALID_ARGUMENT", { name }, message);
}

function typeOf(text: string): DataType {
  try {
    const cursor = new TokenCursor(text);
    const type = parseType(cursor);
    if (!cursor.isAtEnd) throw cursor.fail("the type ends before");
    return type;
  } catch (cause) {
    const reason = messageOf(cause);
    const message = `the type of a function's answers cannot be read: ${reason}; it is written as in DDL, such as BIGINT or ARRAY<STRING>`;
    throw new AlluviumError("INVALID_ARGUMENT", { type: text }, message, { cause });
  }
}
