// expression/function/functions-session.ts: Spark's functions that tell where a query runs: there is one catalog, with one database.
import { sqlLiteral } from "../../engine/base/sql-quote.ts";
import { userName } from "../../engine/base/user-name.ts";
import { opaque } from "../tree/bound.ts";
import { spec } from "./function-spec.ts";
import type { FunctionSpec, FunctionTable } from "./function-spec.ts";
import { primitive } from "../tree/syntax.ts";

const told = (text: () => string): FunctionSpec => spec(0, () => opaque(sqlLiteral(text()), primitive("string"), []));

/** By their names in lower case. */
export const sessionFunctions: FunctionTable = {
  current_catalog: told(() => "spark_catalog"),
  current_database: told(() => "default"),
  current_schema: told(() => "default"),
  current_user: told(userName),
  session_user: told(userName),
  user: told(userName),
};
