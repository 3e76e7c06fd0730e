// Calls whose answers are not Spark's, and known not to be.

/** What Spark has and we refuse. */
export const missing: readonly string[] = [
  "to_number('454', '999')",
  "to_number('12,454.8', '99,999.9')",
  "to_char(454, '999')",
  "to_char(78.12, '$99.99')",
  "try_to_number('x', '999')",
  "schema_of_json('{\"a\": 1}')",
];

/** Where our answer is another, and known to be. */
export const different: Readonly<Record<string, string>> = {
  // NULL by itself has a type here, and equals nothing there.
  "abs(NULL)": "bigint null",
  "array()": "array<int> []",
  "array_contains(array('a'), NULL)": "boolean null",
};
