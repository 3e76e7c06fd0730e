// Calls whose answers are not Spark's, and known not to be.

/** What Spark has and we refuse. */
export const missing: readonly string[] = [
  "split('oneAtwoBthreeC', '[ABC]', 2)",
  "soundex('Miller')",
  "sha2('Spark', 512)",
  "crc32('Spark')",
  "conv('100', 2, 10)",
  "conv('-10', 16, -10)",
  "hash('Spark', 1)",
  "hash(NULL)",
  "xxhash64('Spark')",
  "xxhash64('Spark', 1L, 2.5D)",
  "parse_url('http://a.org/p?q=1#f', 'HOST')",
  "parse_url('http://a.org/p?q=1#f', 'QUERY', 'q')",
  "shiftrightunsigned(4, 1)",
  "width_bucket(5.3D, 0.2D, 10.6D, 5)",
  "expm1(0)",
  "log1p(0)",
  "to_number('454', '999')",
  "to_number('12,454.8', '99,999.9')",
  "to_char(454, '999')",
  "to_char(78.12, '$99.99')",
  "try_to_number('x', '999')",
  "shuffle(array(1)) = array(1)",
  "arrays_zip(array(1, 2), array('a', 'b'))",
  "from_json('{\"a\": 1, \"b\": 0.8}', 'a INT, b DOUBLE')",
  "from_json('[1, 2]', 'ARRAY<INT>')",
  "from_json('{\"a\": \"x\"}', 'a INT')",
  "from_json('nonsense', 'a INT')",
  "schema_of_json('{\"a\": 1}')",
  "randn() IS NOT NULL",
  "listagg(s, ',') WITHIN GROUP (ORDER BY s DESC)",
  // An error in Spark only while it is cast to null.
  "unhex('zz')",
];

/** Where our answer is another, and known to be. */
export const different: Readonly<Record<string, string>> = {
  // NULL by itself has a type here, and equals nothing there.
  "abs(NULL)": "bigint null",
  "array()": "array<int> []",
  "array_contains(array('a'), NULL)": "boolean null",
  // A struct with a null is the greatest here, the least there.
  "max(struct(v, s))": 'struct<v:int,s:string> {"v":null,"s":"c"}',
};
