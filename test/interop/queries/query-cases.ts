// Queries over inline tables whose rows and types must be Spark's.

const numbers =
  "FROM VALUES (1.25BD, 7, CAST(9.5 AS DECIMAL(38,18)), 2.5D, CAST('3.75' AS DECIMAL(18,2)), 5L), (CAST(NULL AS DECIMAL(3,2)), 2, CAST(-1.000000000000000001 AS DECIMAL(38,18)), 0.1D, CAST('-0.01' AS DECIMAL(18,2)), -3L) AS t(a, i, c, f, p, l)";

const decimals =
  "a/i; i/a; p/c; c/p; c/c; c*c; c+c; c-p; p%a; p%i; i%p; p div a; i div p; p/3; 3/p; p/l; p*l; p*1.1; p+1; p/0.3; a/f; f/a; p/'2'; a/0; NULL/0; a/NULL; NULL/i; 1.0/3; 1/3.0; 10.0/3.00; 2/3; p div 0; p % 0; p*c*c*c*c*c*c*c; cast(1 as decimal(38,0))/3; cast(1 as decimal(38,38))/cast(3 as decimal(38,0)); cast(12345678901234567890 as decimal(38,0))*cast(1.5 as decimal(38,18)); 123456789.123456789/0.000000001; 9999999999999999999999999999999999999.9*10; round(p,1); round(p,-1); round(c,20); bround(p,1); bround(c,3); ceil(p); floor(p); ceil(p,1); floor(p,1); ceil(f,1); floor(i,-1); pmod(p,a); mod(p,0.3); try_divide(p,0); try_divide(p,3); try_multiply(c,c); try_mod(p,0); coalesce(a,0); greatest(p,c); cast(p as int); cast(1.005D as decimal(4,2)); cast(2.5 as decimal(1,0)); cast(cast(-0.5 as decimal(1,1)) as string); array(1, 2.5)"
    .split("; ")
    .map((expression) => `SELECT ${expression} AS x ${numbers}`);

const texts =
  "map('a', 1); named_struct('a', 1, 'b', 'x'); array(1, NULL, 3); array(array(1, 2), array(), NULL); map('k', array(1.5D, 1e20D, double('NaN'))); named_struct('d', date'2024-01-02', 't', timestamp'2024-01-02 03:04:05.6', 'n', NULL, 'm', 1.50, 's', named_struct('x', true)); array(X'4142', X'00'); map(); array(named_struct('a', array('x y', '')), NULL); array(0.1F, 1.0F, 1e-5F); array(-0.0D, 123456789.0D)"
    .split("; ")
    .map((value) => `SELECT CAST(${value} AS STRING) AS x`);

const json =
  "named_struct('a', 1, 'b', NULL); map('a', 1, 'b', NULL); array(1, NULL); named_struct('a', named_struct('x', NULL, 'y', 1.50), 'd', date'2024-01-01', 't', timestamp'2024-01-02 03:04:05.678', 'f', 1.5e10D, 'b', X'4142', 'l', 5L); named_struct('s', 'say \"é\"', 'n', double('NaN'))"
    .split("; ")
    .map((value) => `SELECT to_json(${value}) AS x`);

const times = "(timestamp'2024-01-01 00:00:00', 5, 'a'), (timestamp'2024-01-01 00:04:00', 5, 'A')";

const functions: readonly string[] = [
  "split('oneAtwoBthreeC', '[ABC]', 2)",
  "split('oneAtwoBthreeC', '[ABC]', 1)",
  "split('oneAtwoBthreeC', '[ABC]', 3)",
  "split('oneAtwoBthreeC', '[ABC]', 9)",
  "split('a,b,,c', ',', 3)",
  "split('', ',', 2)",
  "split(NULL, ',', 2)",
  "split('abc','',2)",
  "split('abc','')",
  "parse_url('http://a.org/p?q=1#f', 'HOST')",
  "parse_url('http://a.org/p?q=1#f', 'QUERY', 'q')",
  "parse_url('http://a.org/p?q=1#f', 'QUERY')",
  "parse_url('http://u:p@a.org:80/p/x?q=1&b=2#f', 'USERINFO')",
  "parse_url('http://u:p@a.org:80/p/x?q=1&b=2#f', 'AUTHORITY')",
  "parse_url('http://u:p@a.org:80/p/x?q=1&b=2#f', 'FILE')",
  "parse_url('http://u:p@a.org:80/p/x?q=1&b=2#f', 'REF')",
  "parse_url('http://u:p@a.org:80/p/x?q=1&b=2#f', 'PROTOCOL')",
  "parse_url('http://a.org', 'PATH')",
  "parse_url('http://a.org', 'QUERY')",
  "parse_url('http://a.org/p?bq=1&q=2', 'QUERY', 'q')",
  "parse_url('http://a.org/p', 'QUERY', 'z')",
  "parse_url('mailto:x@y.z', 'HOST')",
  "parse_url(NULL, 'HOST')",
  "shiftrightunsigned(4, 1)",
  "shiftrightunsigned(-4, 1)",
  "shiftrightunsigned(-4L, 1)",
  "shiftrightunsigned(-1, 33)",
  "-8 >>> 1",
  "shiftrightunsigned(-1, 0)",
  "width_bucket(5.3D, 0.2D, 10.6D, 5)",
  "width_bucket(-2.1D, 1.3D, 3.4D, 3)",
  "width_bucket(8.1D, 0D, 5.7D, 4)",
  "width_bucket(-0.9D, 5.2D, 0.5D, 2)",
  "width_bucket(3D, 5D, 0D, 2)",
  "width_bucket(NULL, 5D, 0D, 2)",
  "width_bucket(3D, 0D, 5D, 0)",
  "expm1(0)",
  "log1p(0)",
  "expm1(1e-10D)",
  "log1p(1e-10D)",
  "expm1(1D)",
  "randn() IS NOT NULL",
  "unhex('zz')",
  "from_json('{\"a\": 1, \"b\": 0.8}', 'a INT, b DOUBLE')",
  "from_json('[1, 2]', 'ARRAY<INT>')",
  "from_json('{\"a\": \"x\"}', 'a INT')",
  "from_json('nonsense', 'a INT')",
  "from_json('nonsense', 'ARRAY<INT>')",
  "from_json('', 'a INT')",
  "from_json(NULL, 'a INT')",
  "from_json('{}', 'a INT')",
  "from_json('null', 'a INT')",
  'from_json(\'{"a":{"b":[1,null,"x"]},"c":"é\\"q"}\', \'a STRUCT<b: ARRAY<INT>>, c STRING\')',
  "from_json('{\"a\": {\"x\": 1}}', 'a STRING')",
  "from_json('{\"a\": [1, 2.50]}', 'a STRING')",
  'from_json(\'{"a": 1.5, "b": true, "c": null}\', \'a INT, b BOOLEAN, c INT\')',
  'from_json(\'{"a":"2024-01-02","b":"2024-01-02T03:04:05.678Z"}\', \'a DATE, b TIMESTAMP\')',
  "from_json('{\"k\": 1, \"l\": null}', 'MAP<STRING, INT>')",
  "from_json('{\"a\": 12.34}', 'a DECIMAL(10,2)')",
  "from_json('{\"a\": 12345678901}', 'a INT')",
  "from_json('{\"a\": \"NaN\"}', 'a DOUBLE')",
  "from_json('{\"a\": \"1.5\"}', 'a DOUBLE')",
  "from_json('{\"A\": 1}', 'a INT')",
  "from_json('[{\"a\": 1}]', 'ARRAY<STRUCT<a: INT>>')",
  "from_json('{\"a\": \"true\"}', 'a BOOLEAN')",
  "from_json('{\"a\": \"5\"}', 'a INT')",
  "from_json('[1]', 'a INT')",
  "from_json('{\"a\": \"nope\"}', 'a DATE')",
  "from_json('{\"a\": true}', 'a STRING')",
  "from_json('{\"a\": 1e3}', 'a STRING, b INT')",
  "from_json('{\"a\":1.0}', 'a DOUBLE').a + 1",
];

const edges: readonly string[] = [
  "levenshtein('héllo wörld', 'hello')",
  "levenshtein('日本語', 'hello')",
  "find_in_set(NULL, 'a,b')",
  "printf('%s|%5d', NULL, 42)",
  "array_position(CAST(NULL AS ARRAY<INT>), 2)",
  "array_join(array(CAST(NULL AS STRING)), ',')",
  "slice(array(1), -2, 2)",
  "unix_timestamp(timestamp'1969-12-31 23:59:59.5')",
  "log(2, NULL)",
  "btrim('xax', NULL)",
  "lpad('a', 3, NULL)",
  "coalesce(CAST(5 AS TINYINT), 1)",
  "greatest(1.1F, 1)",
  "if(true, 1, 2.5)",
  "CASE WHEN false THEN 1.5 ELSE 2D END",
  "ceil(double('NaN'))",
  "floor(double('Infinity'))",
  "sign(double('NaN'))",
  "1.1F / 2",
  "round(1.1F, 1)",
  "hex(2.5D)",
  "bin(3.7BD)",
  "bit_count(-1)",
  "factorial(3.7BD)",
  "nanvl(1.1F, 1)",
  "CAST(double('NaN') AS DECIMAL(5,1))",
  "cot(0)",
  "sec(7)",
  "csc(0)",
  "atanh(-1)",
  "sin(double('Infinity'))",
  "format_number(double('-Infinity'), 2)",
];

/** By what they are about. */
export const queryCases: Readonly<Record<string, readonly string[]>> = {
  decimals: [
    ...decimals,
    "SELECT sum(p)/count(*) AS x, avg(p) AS y, avg(p)/2 AS w, sum(p/3) AS v, avg(c) u FROM VALUES (CAST(3.75 AS DECIMAL(18,2)), CAST(1.5 AS DECIMAL(38,18))), (CAST(1.01 AS DECIMAL(18,2)), CAST(2.5 AS DECIMAL(38,18))) AS t(p, c)",
    "SELECT try_sum(v) x, try_avg(v) y, percentile(v, 0.5) p, median(v) m FROM VALUES (1.5), (2) AS t(v)",
  ],
  "names from inside of the query": [
    "SELECT sum(v) OVER (ORDER BY v)/2 AS x, v/sum(v) OVER () AS y FROM VALUES (1.5), (2.5) AS t(v)",
    "SELECT v/(SELECT sum(w) FROM VALUES (1.5), (3) AS u(w)) AS x FROM VALUES (1.5), (2.5) AS t(v)",
    "SELECT (SELECT max(u.y/3) FROM VALUES (2.5) AS u(y) WHERE u.y/2 < t.x)/x AS v FROM VALUES (1.5) AS t(x)",
    "SELECT transform(array(x), y -> y/2) AS a, array(x)[0]/2 AS b FROM VALUES (1.5) AS t(x)",
    "SELECT CAST(s AS STRING) x, concat('a', s.b) y FROM (SELECT named_struct('a', i, 'b', d) s FROM VALUES (1, 2.50) AS t(i, d))",
    "SELECT CAST(p AS INT) c, d + INTERVAL 1 DAY e, concat(p, i) f FROM VALUES (3.75, 3, date'2024-01-31') AS t(p, i, d)",
  ],
  text: [...texts, ...json],
  functions: functions.map((call) => `SELECT ${call} AS x`),
  "edges of functions": edges.map((call) => `SELECT ${call} AS x`),
  sessions: [
    "SELECT session_window.start s, session_window.end e, k, count(*) c FROM VALUES ('a', timestamp'2024-01-01 00:00:00'), ('a', timestamp'2024-01-01 00:05:00'), ('a', timestamp'2024-01-01 00:10:00.000001'), ('b', timestamp'2024-01-01 00:02:00'), ('b', NULL) AS t(k, ts) GROUP BY session_window(ts, '5 minutes'), k",
    `SELECT session_window(ts, concat(g, ' minutes')) w, count(*) c FROM VALUES ${times}, (timestamp'2024-01-01 00:05:30', 0, 'b') AS t(ts, g, k) GROUP BY session_window(ts, concat(g, ' minutes'))`,
    "SELECT session_window(ts, '5 minutes') w FROM VALUES (timestamp'2024-01-01 00:00:00') AS t(ts)",
    `SELECT session_window(ts, '5 minutes') w, upper(k) u, sum(g) s FROM VALUES ${times}, (timestamp'2024-01-01 00:15:30', 0, 'b') AS t(ts, g, k) WHERE g < 100 GROUP BY w, u HAVING sum(g) > 0`,
    `SELECT session_window(t.ts, '5 minutes') w, u.n, count(t.g) c FROM VALUES ${times}, (timestamp'2024-01-01 00:05:30', 1, 'b') AS t(ts, g, k) JOIN VALUES (5, 'x'), (1, 'y') AS u(g, n) ON t.g = u.g GROUP BY 1, 2`,
  ],
  statements: [
    "WITH c AS (SELECT 1 AS a) TABLE c",
    "DESCRIBE QUERY SELECT 1 AS a, 'x' b, 1.5/2 c",
    "DESC VALUES (1, 2)",
    "WITH c AS (SELECT explode(array(1, 2, 3)) AS a) SELECT count(*) n FROM c TABLESAMPLE (100 PERCENT) REPEATABLE (3) AS q WHERE q.a > 1",
    "WITH c AS (SELECT explode(array(1, 2, 3)) AS a) SELECT count(*) n FROM c TABLESAMPLE (2 ROWS)",
    "WITH c AS (SELECT 1 AS a) SELECT count(*) n FROM c TABLESAMPLE (BUCKET 4 OUT OF 4) x",
    "WITH c AS (SELECT 1 AS a) SELECT count(*) n FROM c TABLESAMPLE (BUCKET 3 OUT OF 2)",
    "WITH c AS (SELECT 1 AS a) SELECT count(*) n FROM c TABLESAMPLE (101 PERCENT)",
    "SELECT q.* FROM (SELECT timestamp'2024-01-01' AS ts, 1 a) WATERMARK ts DELAY OF INTERVAL 1 HOUR 10 MINUTES AS q",
    "SELECT * FROM (SELECT 1 a) WATERMARK ts DELAY OF 10 MINUTES",
  ],
};
