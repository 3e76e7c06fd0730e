// Calls whose answers are not Spark's, and known not to be.

/** What Spark has and we refuse. */
export const missing: readonly string[] = ["to_char(454, '999')", "to_char(78.12, '$99.99')"];

/** Where our answer is another, and known to be. */
export const different: Readonly<Record<string, string>> = {
  // NULL by itself has a type here, and equals nothing there.
  "array()": "array<int> []",
  "array_contains(array('a'), NULL)": "boolean null",
};
