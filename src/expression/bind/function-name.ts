// expression/bind/function-name.ts: calls as Spark shows them in the names of columns: the name that a function has in Spark's own
// code, and the arguments that it implies. Spark's FunctionRegistry and the `prettyName` of its expressions.

/** A call whose arguments are named already. */
export interface NamedCall {
  /** In lower case, as the parser gave it. */
  readonly name: string;
  /** The word in the text, in lower case: the parser makes calls of other words. */
  readonly written: string;
  readonly args: readonly string[];
  /** True when the argument at this index, a value of `struct`, has the name that is given before it by itself. */
  isOwnName(index: number): boolean;
}

/** Spark's text of a call. */
export function functionName(call: NamedCall): string {
  const special = specialCalls.get(call.written) ?? specialCalls.get(call.name);
  const text = special?.(call) ?? null;
  if (text !== null) return text;
  const { name, args } = call;
  const implied = impliedArguments.get(name);
  const all = implied === undefined ? args : [...args, ...implied.slice(Math.max(0, args.length - implied[0]) + 1)];
  const isScaled = (name === "ceil" || name === "floor") && args.length === 2;
  const shown = upperCase.has(name) && !isScaled ? name.toUpperCase() : (otherNames.get(name) ?? name);
  return `${shown}(${all.join(", ")})`;
}

/** Functions that Spark's code calls in capitals. */
const upperCase: ReadonlySet<string> = new Set(
  (
    "acos asin atan atan2 cbrt ceil cos cosh cot degrees dense_rank e exp expm1 floor hypot log log10 log1p log2 percent_rank pi " +
    "power radians rank regexp regexp_like rlike signum sin sinh sqrt tan tanh"
  ).split(" "),
);

const otherNames: ReadonlyMap<string, string> = new Map(
  Object.entries({
    array_agg: "collect_list",
    current_database: "current_schema",
    dateadd: "date_add",
    random: "rand",
  }),
);

const secondsFormat = "yyyy-MM-dd HH:mm:ss";

/** The number of arguments that a function has at least, and what it takes for those behind them. */
const impliedArguments: ReadonlyMap<string, readonly [number, ...string[]]> = new Map(
  Object.entries<readonly [number, ...string[]]>({
    approx_percentile: [2, "10000"],
    bround: [1, "0"],
    from_unixtime: [1, secondsFormat],
    lag: [1, "1", "NULL"],
    lead: [1, "1", "NULL"],
    listagg: [1, "NULL"],
    locate: [2, "1"],
    lpad: [2, " "],
    mask: [1, "X", "x", "n", "NULL"],
    months_between: [2, "true"],
    overlay: [3, "-1"],
    percentile: [2, "1"],
    percentile_approx: [2, "10000"],
    position: [2, "1"],
    regexp_extract: [2, "1"],
    regexp_extract_all: [2, "1"],
    regexp_instr: [2, "0"],
    regexp_replace: [3, "1"],
    replace: [2, ""],
    round: [1, "0"],
    rpad: [2, " "],
    sort_array: [1, "true"],
    split: [2, "-1"],
    str_to_map: [1, ",", ":"],
    string_agg: [1, "NULL"],
    substr: [2, "2147483647"],
    substring: [2, "2147483647"],
    to_unix_timestamp: [1, secondsFormat],
    unix_timestamp: [0, "current_timestamp()", secondsFormat],
  }),
);

const identity = "lambdafunction(namedlambdavariable(), namedlambdavariable())";

/** The comparator of array_sort where none is given: nulls last. */
const defaultOrder = ((): string => {
  const x = "namedlambdavariable()";
  const choose = (condition: string, yes: string, no: string): string => `(IF(${condition}, ${yes}, ${no}))`;
  const order = choose(`(${x} < ${x})`, "-1", choose(`(${x} > ${x})`, "1", "0"));
  const nulls = choose(`(${x} IS NULL)`, "1", choose(`(${x} IS NULL)`, "-1", order));
  return `lambdafunction(${choose(`((${x} IS NULL) AND (${x} IS NULL))`, "0", nulls)}, ${x}, ${x})`;
})();

/** Whether nulls are passed over is not told. */
const endName = ({ name, args }: NamedCall): string | null => (args.length === 2 ? `${name}(${args[0]})` : null);

/** What is no plain call in Spark, by name or by the word in the text; null leaves it to the rule. */
const specialCalls: ReadonlyMap<string, (call: NamedCall) => string | null> = new Map(
  Object.entries<(call: NamedCall) => string | null>({
    aggregate: ({ name, args }) => (args.length === 3 ? `${name}(${args.join(", ")}, ${identity})` : null),
    reduce: ({ name, args }) => (args.length === 3 ? `${name}(${args.join(", ")}, ${identity})` : null),
    array_sort: ({ name, args }) => (args.length === 1 ? `${name}(${args[0]}, ${defaultOrder})` : null),
    any_value: endName,
    first: endName,
    first_value: endName,
    last: endName,
    last_value: endName,
    btrim: ({ args: [text, characters], written }) =>
      written === "btrim" ? null : characters === undefined ? `trim(${text})` : `TRIM(BOTH ${characters} FROM ${text})`,
    datepart: ({ args: [field, from] }) => `datepart(${field} FROM ${from})`,
    extract: ({ args: [field, from] }) => `extract(${field} FROM ${from})`,
    from_json: ({ args: [text, schema] }) => (/^\s*map\s*</i.test(schema ?? "") ? "entries" : `from_json(${text})`),
    if: ({ args }) => `(IF(${args.join(", ")}))`,
    isnotnull: ({ args: [value] }) => `(${value} IS NOT NULL)`,
    isnull: ({ args: [value] }) => `(${value} IS NULL)`,
    log: ({ args }) => `LOG(${(args.length === 1 ? ["E()", ...args] : args).join(", ")})`,
    ltrim: ({ args: [characters, text] }) => (text === undefined ? null : `TRIM(LEADING ${characters} FROM ${text})`),
    named_struct: ({ args, written, isOwnName }) => {
      if (written !== "struct") return null;
      const values = args.flatMap((value, index) =>
        index % 2 === 0 ? [] : [isOwnName(index) ? value : `${value} AS ${args[index - 1]}`],
      );
      return `struct(${values.join(", ")})`;
    },
    positive: ({ args: [value] }) => `(+ ${value})`,
    rtrim: ({ args: [characters, text] }) => (text === undefined ? null : `TRIM(TRAILING ${characters} FROM ${text})`),
    timestampadd: ({ name, args: [unit = "", ...rest] }) => `${name}(${[unit.toUpperCase(), ...rest].join(", ")})`,
    timestampdiff: ({ name, args: [unit = "", ...rest] }) => `${name}(${[unit.toUpperCase(), ...rest].join(", ")})`,
  }),
);
