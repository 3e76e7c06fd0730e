-- Queries of session SQL, one a line, run in Spark and here: see session-queries.test.ts. First the views that they read.
CREATE OR REPLACE TEMP VIEW emp AS SELECT * FROM VALUES (1, 'Ann', 'dev', 5000, 1.5D, DATE'2020-01-15', CAST(10.25 AS DECIMAL(8,2))), (2, 'Bob', 'dev', 4000, 2.5D, DATE'2021-03-01', CAST(20.50 AS DECIMAL(8,2))), (3, 'Cid', 'ops', 3500, NULL, DATE'2019-07-31', NULL), (4, 'Dee', NULL, 6000, -1D, NULL, CAST(-5.75 AS DECIMAL(8,2))), (5, NULL, 'ops', NULL, double('NaN'), DATE'2022-12-31', CAST(0 AS DECIMAL(8,2))) AS t(id, name, dept, salary, score, hired, bonus)
CREATE OR REPLACE TEMP VIEW dept AS SELECT * FROM VALUES ('dev', 'Development', 10L), ('hr', 'People', 20L), (NULL, 'None', 30L) AS t(dept, title, budget)
CREATE OR REPLACE TEMP VIEW nest AS SELECT * FROM VALUES (1, array(3, 1, 2), map('a', 1, 'b', 2), named_struct('q', 7, 'r', 'x'), array(named_struct('q', 1, 'r', 'a'), named_struct('q', 2, 'r', 'b'))), (2, array(), map(), named_struct('q', NULL, 'r', 'y'), array()), (3, NULL, NULL, NULL, NULL) AS t(id, xs, m, s, l)
CREATE OR REPLACE TEMP VIEW ev AS SELECT * FROM VALUES (1, TIMESTAMP'2024-01-31 23:30:00', 'a', '10', 1), (2, TIMESTAMP'2024-02-29 12:00:00.123456', 'b', '9', 2), (3, TIMESTAMP'2024-02-29 12:10:00', 'a', 'x', 3), (4, NULL, 'c', NULL, NULL) AS t(id, ts, k, txt, n)
CREATE OR REPLACE TEMP VIEW orders AS SELECT * FROM VALUES (1, 10, 'web', TIMESTAMP'2024-03-10 01:30:00', CAST(19.99 AS DECIMAL(10,2)), 2, '{"city":"Zürich","tags":["a","b"],"n":1.5}'), (2, 10, 'shop', TIMESTAMP'2024-03-10 09:59:59.999999', CAST(5.00 AS DECIMAL(10,2)), NULL, '{"city":null}'), (3, 20, 'web', TIMESTAMP'2024-10-27 00:30:00', NULL, 1, NULL), (4, 30, NULL, TIMESTAMP'2024-12-31 23:59:59', CAST(100.10 AS DECIMAL(10,2)), 3, 'not json'), (5, NULL, 'web', NULL, CAST(-7.25 AS DECIMAL(10,2)), 1, '{"tags":[],"n":"x"}'), (6, 20, 'shop', TIMESTAMP'2024-02-29 12:00:00', CAST(0.01 AS DECIMAL(10,2)), 100, '{"city":"İstanbul","o":{"k":[1,{"z":2}]}}') AS t(oid, cid, channel, at, amount, qty, info)
CREATE OR REPLACE TEMP VIEW cust AS SELECT * FROM VALUES (10, 'Ärne', 'CH', array('gold', 'eu')), (20, 'straße', NULL, NULL), (30, '日本語 😀', 'JP', array()), (40, NULL, 'US', array('x', NULL)) AS t(cid, name, country, labels)
-- queries
SELECT (SELECT max(t.x) FROM (SELECT 1 AS x) t WHERE t.x < user) FROM (SELECT 5 AS user) u
SELECT (SELECT user) AS v FROM (SELECT 5 AS user) u
WITH u AS (SELECT 5 AS user) SELECT (SELECT max(user) FROM (SELECT 1 AS z)) AS v FROM u
WITH u AS (SELECT 5 AS current_date) SELECT (SELECT count(*) FROM (SELECT 1 AS z) WHERE current_date = 5) AS v FROM u
WITH u AS (SELECT 5 AS session_user) SELECT * FROM u WHERE EXISTS (SELECT 1 FROM (SELECT 5 AS z) WHERE session_user = z)
WITH u AS (SELECT 5 AS current_user) SELECT * FROM u WHERE 5 IN (SELECT current_user FROM (SELECT 5 AS z))
WITH u(user) AS (SELECT 5) SELECT (SELECT user) AS v FROM u
WITH u AS (SELECT 'me' AS user, 'me' AS current_user) SELECT * FROM u WHERE EXISTS (SELECT 1 FROM (SELECT 'me' AS z) q WHERE q.z = user AND q.z = current_user)
SELECT * FROM (VALUES (1)) AS t(current_time) WHERE EXISTS (SELECT 1 FROM (SELECT 1 AS z) WHERE z = current_time)
SELECT current_database()
SELECT current_schema()
SELECT current_catalog()
SELECT id FROM emp WHERE salary > ANY(SELECT 3000)
SELECT id FROM emp WHERE salary > ALL(SELECT 3000)
SELECT id FROM emp WHERE salary = ANY(SELECT 4000)
SELECT id FROM emp WHERE salary > SOME(SELECT 4000)
SELECT id FROM emp WHERE salary > ANY(array(1,2))
SELECT nme FROM emp
SELECT `name ` FROM emp
SELECT emp.name FROM emp e
SELECT e.nam FROM emp e
SELECT (1, 2)
SELECT (id, name) FROM emp
SELECT (id, name) AS p FROM emp
SELECT l.q FROM nest
SELECT id, l.q, l.r[0] FROM nest
SELECT array_sort(xs, (x, y) -> x - y) FROM nest
SELECT array_sort(xs, (x, y) -> y - x) FROM nest
SELECT array(1L, 'a')
SELECT array(budget, title) FROM dept
SELECT id nulls FROM emp
SELECT 1 nulls
SELECT nulls FROM (SELECT 1 nulls)
SELECT CAST(123456 AS DECIMAL(4,2))
SELECT CAST(salary AS DECIMAL(4,2)) FROM emp
SELECT salary * 1000000000000000000000000000000000.1BD FROM emp
SELECT INTERVAL '1-2' YEAR TO MONTH
SELECT INTERVAL 1 YEAR + INTERVAL 2 MONTH
SELECT hired + INTERVAL '1' YEAR, hired - INTERVAL '1-1' YEAR TO MONTH FROM emp
SELECT hired + INTERVAL 1 MONTH FROM emp
SELECT ts - INTERVAL 1 DAY, ts + INTERVAL '1 02:03:04' DAY TO SECOND FROM ev
SELECT make_ym_interval(1, 2), make_dt_interval(1,2,3,4)
SELECT e.id, d.title FROM emp e LEFT JOIN dept d ON e.dept = d.dept ORDER BY e.id
SELECT e.id, d.title FROM emp e RIGHT JOIN dept d ON e.dept = d.dept ORDER BY e.id, d.title
SELECT e.id, d.title FROM emp e FULL OUTER JOIN dept d ON e.dept <=> d.dept ORDER BY e.id NULLS LAST, title
SELECT * FROM emp LEFT SEMI JOIN dept ON emp.dept = dept.dept
SELECT id FROM emp LEFT ANTI JOIN dept USING (dept)
SELECT id FROM emp ANTI JOIN dept ON emp.dept = dept.dept
SELECT * FROM emp NATURAL JOIN dept
SELECT dept, id, title FROM emp JOIN dept USING (dept)
SELECT * FROM emp JOIN dept USING (dept)
SELECT * FROM emp FULL JOIN dept USING (dept)
SELECT dept FROM emp RIGHT JOIN dept USING (dept)
SELECT dept FROM emp JOIN dept ON emp.dept = dept.dept
SELECT e.id, x.c FROM emp e CROSS JOIN LATERAL (SELECT count(*) c FROM emp f WHERE f.salary > e.salary) x
SELECT id, d.* FROM emp e, LATERAL (SELECT e.id + 1 AS n) d
SELECT dept, sum(salary) FROM emp GROUP BY dept WITH ROLLUP
SELECT dept, name, sum(salary) FROM emp GROUP BY dept, name WITH CUBE
SELECT dept, name, sum(salary) FROM emp GROUP BY ROLLUP(dept, name)
SELECT dept, grouping(dept), grouping_id(), count(*) FROM emp GROUP BY CUBE(dept)
SELECT dept, name, grouping_id(dept, name) g, count(*) FROM emp GROUP BY GROUPING SETS ((dept, name), (dept), ())
SELECT dept, name, count(*) FROM emp GROUP BY dept, name GROUPING SETS ((dept), (name))
SELECT dept, count(*) FROM emp GROUP BY ALL
SELECT upper(dept), count(*) c FROM emp GROUP BY 1 ORDER BY 2 DESC, 1
SELECT dept d, count(*) FROM emp GROUP BY d
SELECT dept, salary + 1 AS s, count(*) FROM emp GROUP BY dept, salary + 1
SELECT count(*) FROM emp HAVING count(*) > 3
SELECT 1 FROM emp HAVING true
SELECT dept FROM emp GROUP BY dept HAVING max(salary) > 4000
SELECT dept, max(salary) m FROM emp GROUP BY dept HAVING m > 4000
SELECT id FROM emp ORDER BY salary
SELECT id FROM emp ORDER BY salary DESC
SELECT id FROM emp ORDER BY salary NULLS LAST
SELECT id, score FROM emp ORDER BY score
SELECT id, score FROM emp ORDER BY score DESC
SELECT name FROM emp ORDER BY id LIMIT 2 OFFSET 1
SELECT name FROM emp ORDER BY id OFFSET 3
SELECT id FROM emp ORDER BY 1 DESC LIMIT 1
SELECT id FROM emp ORDER BY id LIMIT ALL
SELECT id FROM emp SORT BY id
SELECT id FROM emp DISTRIBUTE BY dept SORT BY id
SELECT id FROM emp CLUSTER BY id
SELECT 7.0/2, 1.5 div 0.4, mod(-7,3), pmod(-7,3)
SELECT id/2, salary/id, salary div 3 FROM emp
SELECT '10' > 9, '9' < 10, '1' = 1, '1.0' = 1, 'a' = 'A'
SELECT txt > n, txt = n FROM ev WHERE id < 3
SELECT txt > n FROM ev
SELECT txt + 1 FROM ev WHERE id = 1
SELECT txt || n FROM ev
SELECT '1' + '2', '3' * 2, '6' / '4', 5 || 6
SELECT n + txt FROM (SELECT 1 n, '2' txt)
SELECT x > y, x = y FROM (SELECT '10' x, 9 y)
SELECT x > y FROM (SELECT '2024-01-02' x, DATE'2024-01-01' y)
SELECT x = y FROM (SELECT '2024-01-02 00:00:00' x, TIMESTAMP'2024-01-02' y)
SELECT a < b FROM (SELECT DATE'2024-01-01' a, TIMESTAMP'2024-01-01 01:00:00' b)
SELECT id IN (1, '2', 3.0) FROM emp
SELECT CASE WHEN id > 2 THEN id ELSE 'x' END FROM emp
SELECT CASE WHEN id > 2 THEN 1 ELSE 1.5 END FROM emp
SELECT coalesce(salary, 'none') FROM emp WHERE salary IS NULL
SELECT coalesce(score, salary, 0) FROM emp
SELECT if(id = 1, 1, 2L), nvl(name, 5) FROM emp
SELECT 1 UNION ALL SELECT 2.5
SELECT 1 UNION SELECT '1'
SELECT 1L UNION ALL SELECT 1
SELECT CAST(1 AS DECIMAL(5,2)) UNION ALL SELECT CAST(1 AS DECIMAL(10,5))
SELECT 1 UNION ALL SELECT 1.5D
SELECT DATE'2024-01-01' UNION ALL SELECT TIMESTAMP'2024-01-01 10:00:00'
SELECT NULL UNION ALL SELECT 1
SELECT array(1) UNION ALL SELECT array(1.5)
SELECT id FROM emp INTERSECT SELECT id FROM nest
SELECT dept FROM emp EXCEPT SELECT dept FROM dept
SELECT dept FROM emp EXCEPT ALL SELECT dept FROM dept
SELECT dept FROM emp INTERSECT ALL SELECT dept FROM dept
SELECT dept FROM emp MINUS SELECT dept FROM dept
SELECT dept FROM emp UNION DISTINCT SELECT dept FROM dept
SELECT id FROM emp UNION ALL SELECT id FROM nest ORDER BY id LIMIT 3
SELECT 1 UNION ALL SELECT 2 INTERSECT SELECT 2
SELECT 'true' UNION ALL SELECT true
SELECT DATE'2024-01-01' UNION ALL SELECT 'x'
SELECT 1 INTERSECT SELECT 1.0
SELECT id, row_number() OVER (PARTITION BY dept ORDER BY salary DESC) rn FROM emp
SELECT id, sum(salary) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) s FROM emp
SELECT id, sum(salary) OVER (ORDER BY id) s, avg(salary) OVER (PARTITION BY dept) a FROM emp
SELECT id, sum(salary) OVER (ORDER BY salary RANGE BETWEEN 1000 PRECEDING AND 1000 FOLLOWING) s FROM emp
SELECT id, lag(salary) OVER (ORDER BY id), lead(salary, 2, -1) OVER (ORDER BY id) FROM emp
SELECT id, first_value(salary) OVER (ORDER BY salary), last_value(salary) OVER (ORDER BY salary) FROM emp
SELECT id, first(salary, true) OVER (ORDER BY id DESC ROWS UNBOUNDED PRECEDING) f FROM emp
SELECT id, nth_value(name, 2) OVER (ORDER BY id) FROM emp
SELECT id, ntile(2) OVER (ORDER BY id), rank() OVER (ORDER BY dept), dense_rank() OVER (ORDER BY dept), percent_rank() OVER (ORDER BY dept), cume_dist() OVER (ORDER BY dept) FROM emp
SELECT id, collect_list(id) OVER (ORDER BY id) c FROM emp
SELECT id, lag(salary) IGNORE NULLS OVER (ORDER BY id) FROM emp
SELECT id, salary - avg(salary) OVER () d FROM emp
SELECT dept, sum(salary), rank() OVER (ORDER BY sum(salary) DESC) FROM emp GROUP BY dept
SELECT id, sum(id) OVER (ORDER BY hired RANGE BETWEEN INTERVAL 400 DAYS PRECEDING AND CURRENT ROW) s FROM emp
SELECT * FROM emp QUALIFY row_number() OVER (PARTITION BY dept ORDER BY id) = 1
SELECT count(DISTINCT dept, name), count(dept, name), count(1), count(NULL) FROM emp
SELECT first(salary), last(salary, true), any_value(dept) FROM emp
SELECT percentile(salary, 0.5), percentile(salary, array(0.25, 0.75)), percentile_approx(salary, 0.5), approx_percentile(salary, array(0.5, 0.9), 100), median(salary) FROM emp
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY salary), percentile_disc(0.5) WITHIN GROUP (ORDER BY salary) FROM emp
SELECT sort_array(collect_set(dept)), sort_array(collect_list(salary), false) FROM emp
SELECT sum(bonus), avg(bonus), sum(score), avg(id), sum(id), sum(id * 1.5), avg(salary) FROM emp
SELECT max(score), min(score), max(name), min(hired), max(bonus) FROM emp
SELECT sum(salary) FILTER (WHERE dept = 'dev'), count(*) FILTER (WHERE score > 1) FROM emp
SELECT sum(DISTINCT id % 2), avg(DISTINCT id % 2) FROM emp
SELECT bit_and(id), bit_or(id), bit_xor(id) FROM emp
SELECT approx_count_distinct(dept) FROM emp
SELECT max(struct(salary, name)) FROM emp
SELECT name FROM emp WHERE name LIKE 'A%' OR name LIKE '_o_'
SELECT 'a%b' LIKE 'a\%b', 'axb' LIKE 'a\%b', 'a_b' LIKE 'a!_b' ESCAPE '!'
SELECT name RLIKE '^[AB]', name NOT RLIKE 'n$', regexp_like(name, 'i') FROM emp
SELECT id FROM emp WHERE dept IN (SELECT dept FROM dept)
SELECT id FROM emp WHERE dept NOT IN (SELECT dept FROM dept)
SELECT id FROM emp WHERE dept NOT IN (SELECT dept FROM dept WHERE dept IS NOT NULL)
SELECT id FROM emp e WHERE EXISTS (SELECT 1 FROM dept d WHERE d.dept = e.dept)
SELECT id FROM emp e WHERE NOT EXISTS (SELECT 1 FROM dept WHERE dept = e.dept)
SELECT id, (SELECT max(budget) FROM dept d WHERE d.dept = e.dept) b FROM emp e
SELECT id, (SELECT budget FROM dept) FROM emp
SELECT id FROM emp WHERE (id, dept) IN (SELECT 1, 'dev')
SELECT id FROM emp WHERE (id, dept) IN ((1, 'dev'), (3, 'ops'))
SELECT id, x FROM nest LATERAL VIEW explode(xs) t AS x
SELECT id, x FROM nest LATERAL VIEW OUTER explode(xs) t AS x
SELECT id, p, x FROM nest LATERAL VIEW posexplode(xs) t AS p, x
SELECT id, k, v FROM nest LATERAL VIEW explode(m) t AS k, v
SELECT id, explode(xs) FROM nest
SELECT id, explode(xs) AS x FROM nest
SELECT id, explode_outer(xs) x FROM nest
SELECT id, posexplode(xs) FROM nest
SELECT id, posexplode(xs) AS (p, x) FROM nest
SELECT id, explode(m) FROM nest
SELECT id, explode(m) AS (a, b) FROM nest
SELECT id, inline(l) FROM nest
SELECT id, inline_outer(l) AS (a, b) FROM nest
SELECT id, t.* FROM nest LATERAL VIEW inline(l) t AS a, b
SELECT id, t.* FROM nest LATERAL VIEW OUTER inline(l) t
SELECT stack(2, 1, 'a', 2, 'b')
SELECT id, stack(2, 'x', id, 'y', id * 2) AS (k, v) FROM emp
SELECT * FROM explode(array(1,2))
SELECT * FROM range(3)
SELECT * FROM range(1, 10, 3) AS r(x)
SELECT id, e FROM nest, LATERAL explode(xs) AS t(e)
SELECT json_tuple('{"a":1,"b":"x"}', 'a', 'b')
SELECT id, t.* FROM emp LATERAL VIEW json_tuple('{"a":1}', 'a', 'z') t AS a, z
SELECT * FROM (SELECT dept, salary FROM emp) PIVOT (sum(salary) FOR dept IN ('dev', 'ops'))
SELECT * FROM (SELECT dept, salary, id FROM emp) PIVOT (sum(salary) AS s, count(*) AS c FOR dept IN ('dev' AS d, 'ops' AS o))
SELECT * FROM (SELECT dept, CAST(salary AS DECIMAL(10,2)) AS salary FROM emp) PIVOT (avg(salary) FOR dept IN ('dev', 'ops'))
SELECT * FROM (SELECT dept, CAST(salary AS DECIMAL(10,2)) AS salary FROM emp) PIVOT (avg(salary) AS a FOR dept IN ('dev', NULL))
SELECT * FROM (SELECT dept, id % 2 AS odd, salary FROM emp) PIVOT (max(salary) AS m, avg(salary) AS a FOR (dept, odd) IN (('dev', 1) AS d, ('ops', 0) AS o))
SELECT * FROM (SELECT id, salary, id * 10 AS x FROM emp) UNPIVOT (v FOR k IN (salary, x))
VALUES (1, 'a'), (2, 'b')
SELECT * FROM VALUES (1, NULL), (NULL, 'b') AS t(a, b)
SELECT * FROM VALUES 1, 2, 3 AS t(a)
SELECT * FROM VALUES (1), (2.5), (3L) AS t(a)
SELECT * FROM VALUES ('1'), (2) AS t(a)
WITH a AS (SELECT 1 x), b AS (SELECT x + 1 y FROM a) SELECT * FROM a, b
WITH a AS (WITH b AS (SELECT 2 z) SELECT z FROM b) SELECT * FROM a
WITH t AS (SELECT 1 x) SELECT * FROM (WITH t AS (SELECT 2 x) SELECT * FROM t)
WITH t(a, b) AS (SELECT 1, 2) SELECT a + b FROM t
SELECT s.q, s.r, m['a'], m['zz'], xs[0] FROM nest WHERE id = 1
SELECT xs[5] FROM nest WHERE id = 1
SELECT element_at(xs, -1), element_at(m, 'b'), try_element_at(xs, 9), get(xs, 7), size(xs), cardinality(m) FROM nest WHERE id = 1
SELECT size(xs), size(m) FROM nest
SELECT transform(xs, x -> x * 2), filter(xs, x -> x > 1), aggregate(xs, 0, (a, x) -> a + x), exists(xs, x -> x = 3), forall(xs, x -> x > 0) FROM nest
SELECT transform(xs, (x, i) -> x + i), filter(xs, (x, i) -> i > 0) FROM nest
SELECT zip_with(xs, xs, (a, b) -> a + b), reduce(xs, 0, (a, x) -> a + x, a -> a * 10) FROM nest
SELECT transform_values(m, (k, v) -> v + 1), transform_keys(m, (k, v) -> upper(k)), map_filter(m, (k, v) -> v > 1) FROM nest
SELECT map_zip_with(m, m, (k, a, b) -> a + b) FROM nest
SELECT map_keys(m), map_values(m), map_entries(m), map_contains_key(m, 'a'), map_concat(m, map('c', 3)) FROM nest
SELECT sort_array(xs), array_sort(xs), array_distinct(xs), array_max(xs), array_min(xs), array_contains(xs, 1), array_position(xs, 2), reverse(xs), slice(xs, 1, 2), array_remove(xs, 1), array_append(xs, 9), array_prepend(xs, 9), array_insert(xs, 1, 5), array_compact(xs), array_join(xs, '-') FROM nest
SELECT array_union(xs, array(1, 9)), array_intersect(xs, array(1)), array_except(xs, array(1)), arrays_overlap(xs, array(1)), arrays_zip(xs, xs), flatten(array(xs, xs)), sequence(1, 5, 2), array_repeat(1, 3) FROM nest
SELECT concat(xs, array(9)), xs || array(4) FROM nest
SELECT ID, Name FROM EMP WHERE DEPT = 'dev'
SELECT e.ID FROM emp E
SELECT id AS ID, id AS Id2 FROM emp
SELECT id FROM emp JOIN nest ON emp.id = nest.id
SELECT * FROM emp JOIN nest ON emp.id = nest.id WHERE id = 1
SELECT name, salary FROM emp GROUP BY name
SELECT name FROM emp GROUP BY 3
SELECT name FROM emp ORDER BY 5
SELECT 2147483647 + 1
SELECT id + 2147483647 FROM emp
SELECT 9223372036854775807 + 1
SELECT CAST(300 AS TINYINT)
SELECT CAST(salary AS TINYINT) FROM emp
SELECT CAST('abc' AS INT)
SELECT CAST('2024-13-01' AS DATE)
SELECT -(-2147483648), abs(-2147483648)
SELECT 100Y + 100Y
SELECT try_add(2147483647, 1), try_subtract(-2147483648, 1), try_multiply(2147483647, 2), try_divide(1, 0), try_cast('x' AS INT), try_to_timestamp('x'), try_element_at(map('a', 1), 'b'), try_sum(id), try_avg(id) FROM emp
SELECT sum(x) FROM VALUES (9223372036854775807L), (1L) AS t(x)
SELECT 1.0 + 1.00, 1.5 * 2.25, 1.0/3, 10/4.0, 1.1 % 0.3, CAST(1 AS DECIMAL(38,10)) * CAST(1 AS DECIMAL(38,10))
SELECT bonus + 1, bonus * 2, bonus / 3, bonus * bonus, -bonus, bonus % 2, bonus + 1.5, bonus + score, bonus * id FROM emp
SELECT round(bonus, 1), ceil(bonus), floor(bonus), round(score), round(salary, -3), bround(bonus, 1) FROM emp
SELECT DATE'2024-01-31' + INTERVAL 1 MONTH, add_months(DATE'2024-01-31', 1), date_add(hired, id), date_sub(hired, 1), datediff(hired, DATE'2020-01-01') FROM emp
SELECT ts + INTERVAL 1 HOUR, ts - INTERVAL '1' DAY, ts + INTERVAL '01:30' HOUR TO MINUTE FROM ev
SELECT date_trunc('month', ts), trunc(ts, 'YEAR'), date_format(ts, 'yyyy-MM-dd HH:mm'), year(ts), dayofweek(ts), weekday(ts), weekofyear(ts), quarter(ts), extract(HOUR FROM ts), date_part('MINUTE', ts), hour(ts), second(ts) FROM ev
SELECT timestampdiff(HOUR, TIMESTAMP'2024-01-01', ts), timestampadd(DAY, 1, ts), datediff(DAY, DATE'2024-01-01', ts), dateadd(MONTH, 1, ts) FROM ev
SELECT unix_timestamp(ts), from_unixtime(0), to_timestamp('2024-01-01 10:00', 'yyyy-MM-dd HH:mm'), to_date('01/02/2024', 'dd/MM/yyyy'), last_day(ts), next_day(ts, 'Mon'), months_between(ts, DATE'2024-01-01') FROM ev
SELECT CAST(1e10D AS STRING), CAST(1e-5D AS STRING), CAST(123456789.0D AS STRING), CAST(1.0F AS STRING), CAST(true AS STRING), CAST(1.50 AS STRING), CAST(array(1, NULL) AS STRING), CAST(map('a', 1) AS STRING), CAST(struct(1, 'x') AS STRING)
SELECT concat_ws('-', name, dept), name || dept, concat(id, name), upper(name), substring(name, 2), substr(name, -2, 1), length(name), instr(name, 'n'), locate('n', name), lpad(name, 5, '*'), trim('  x '), ltrim(' x'), rtrim('x '), replace(name, 'n', 'm'), translate(name, 'An', 'Bm'), split(name, ''), reverse(name), repeat(name, 2), initcap('hello world') FROM emp
SELECT regexp_extract('a1b22', '([0-9]+)', 1), regexp_extract_all('a1b22', '([0-9]+)', 1), regexp_replace('a1b22', '[0-9]', '#'), regexp_count('a1b2', '[0-9]'), regexp_substr('a1b2', '[0-9]'), regexp_instr('a1b2', '[0-9]'), split_part('a,b,c', ',', 2), substring_index('a.b.c', '.', 2)
SELECT format_string('%s-%d', name, id), format_number(salary, 2), base64('abc'), md5('a'), sha2('a', 256), crc32('a'), hex(17), unhex('41'), conv('100', 2, 10), bin(5), ascii('a'), char(65), soundex('Robert'), levenshtein('a', 'ab') FROM emp
SELECT greatest(1, NULL, 3), least(2, 1.5), greatest('a', 'b'), nullif(1, 1), nanvl(score, 0), isnan(score) FROM emp
SELECT score > 100, score = score, score < 0 FROM emp
SELECT DISTINCT score FROM (SELECT double('NaN') score UNION ALL SELECT double('NaN') UNION ALL SELECT -0.0D UNION ALL SELECT 0.0D)
SELECT x, count(*) FROM VALUES (0.0D), (-0.0D), (double('NaN')), (double('NaN')) AS t(x) GROUP BY x
SELECT 0.0D = -0.0D, double('NaN') = double('NaN'), double('NaN') > double('inf')
SELECT named_struct('a', 1, 'b', 'x') = struct(1, 'x'), array(1, 2) < array(1, 3), array(1) = array(1L)
SELECT to_json(s), to_json(m), to_json(xs) FROM nest
SELECT get_json_object('{"a":{"b":[1,2]}}', '$.a.b[1]'), from_json('{"a":1}', 'a INT').a
SELECT id FROM emp TABLESAMPLE (100 PERCENT)
SELECT count(*) FROM emp TABLESAMPLE (2 ROWS)
SELECT hash(1), hash('a'), xxhash64(1), hash(map('a', 1))
SELECT hash(array(1, 2)), hash(named_struct('a', 1)), hash(1.5, true, DATE'2024-01-01', NULL), xxhash64('a', 2L)
SELECT * EXCEPT (name) FROM emp
SELECT emp.* EXCEPT (name, score) FROM emp
SELECT s.* FROM nest
SELECT count(*), count(*) + 1 FROM emp
SELECT -id, +id, ~id, NOT true, !false FROM emp
SELECT id & 1, id | 8, id ^ 3, id << 2, id >> 1 FROM emp
SELECT NULL IS NULL, NULL = NULL, NULL <=> NULL, NULL AND false, NULL OR true
SELECT cast('1' as int) + '2', '5' % 3, '1.5' + 1
SELECT * FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) WHERE (a, b) NOT IN (SELECT 1, 2)
SELECT * FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) WHERE (a, b) NOT IN ((1, 2))
SELECT * FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) WHERE (a, b) = (1, 2)
SELECT * FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) WHERE NOT ((a, b) = (1, 2))
SELECT * FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) WHERE (a, b) NOT IN (SELECT 4, CAST(NULL AS INT))
SELECT struct(a, b) = struct(a, b) FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b)
SELECT a FROM VALUES (1, 2), (NULL, 3), (4, NULL) AS t(a, b) ORDER BY struct(b, a)
SELECT array(1, NULL) = array(1, NULL), array(1, NULL) < array(1, 2), array(1) < array(1, NULL)
SELECT sort_array(array(struct(1, NULL), struct(1, 2)))
SELECT * FROM (SELECT k, n FROM ev) PIVOT (count(*) AS c, count(n) AS d FOR k IN ('a', 'b', 'z'))
SELECT * FROM (SELECT k, n, id FROM ev) PIVOT (count(n) FOR k IN ('a' AS x, 'z' AS y)) ORDER BY id
SELECT * FROM (SELECT k, n, id FROM ev) PIVOT (collect_list(n) FOR k IN ('a' AS x, 'z' AS y)) ORDER BY id
SELECT * FROM (SELECT k, n, id FROM ev) PIVOT (sum(n + 1) + 1 FOR k IN ('a' AS x, 'z' AS y)) ORDER BY id
SELECT * FROM (SELECT k, id % 2 AS p, n FROM ev) PIVOT (sum(n) FOR (k, p) IN (('a', 1) AS x, ('b', 0) AS y))
SELECT * FROM ev PIVOT (max(n) FOR k IN ('a', 'b')) ORDER BY id
SELECT id, txt = n FROM ev WHERE id < 3
SELECT CAST(id AS DOUBLE) = '1' FROM ev
SELECT hired = '2020-01-15', hired > '2020' FROM emp
SELECT ts > '2024-02-01' FROM ev
SELECT ts = DATE'2024-02-29' FROM ev
SELECT n IN ('1', '2') FROM ev
SELECT id BETWEEN '1' AND 2 FROM ev
SELECT count(*) FROM ev WHERE txt IN (1, 2)
SELECT id FROM ev WHERE id IN (SELECT '1')
SELECT id FROM ev WHERE id NOT IN (SELECT n FROM ev)
SELECT e.id FROM ev e JOIN (SELECT '1' AS n) f ON e.n = f.n
SELECT e.id FROM ev e JOIN (SELECT '1' AS n) f USING (n)
SELECT concat(1, 2), concat(id, 'a'), 1 || 'a' FROM ev
SELECT length(id), upper(id), substring(12345, 2, 2), trim(5), '5' || NULL FROM ev
SELECT id + NULL, NULL + 1, id = NULL FROM ev
SELECT floor(-1.5), ceil(-1.5), floor(2.5D), ceil(5), sqrt(4), power(2, 3), exp(0), ln(1), log10(100), log2(8), cbrt(27), sign(-5), 5 % -3, mod(5.5, 2)
SELECT avg(id), avg(n), sum(n), count(n), max(txt), min(ts) FROM ev
SELECT sum(n) / count(n), sum(n) / 2, sum(n) div 2, sum(n) % 2 FROM ev
SELECT id / 0 FROM ev
SELECT id % 0 FROM ev
SELECT CAST('' AS INT)
SELECT CAST('5.7' AS INT)
SELECT CAST(1e20D AS INT)
SELECT CAST(double('NaN') AS INT)
SELECT CAST('2024-1-5' AS DATE), CAST('2024-01-05 10:00:00' AS DATE), CAST('2024' AS DATE), CAST('2024-01' AS DATE)
SELECT CAST('2024-01-05T10:00:00Z' AS TIMESTAMP), CAST('2024-01-05 10:00' AS TIMESTAMP), CAST('2024-01-05 10:00:00+02:00' AS TIMESTAMP), CAST('2024-01-05' AS TIMESTAMP)
SELECT CAST(12.5 AS STRING), CAST(-0.0D AS STRING), CAST(1.0E7D AS STRING), CAST(0.001D AS STRING), CAST(1.0E-4D AS STRING), CAST(100.0F AS STRING)
SELECT CAST(X'4142' AS STRING), CAST('AB' AS BINARY), hex(X'4142')
SELECT DATE'2024-02-29' + INTERVAL 1 YEAR, TIMESTAMP'2024-03-31' - INTERVAL 1 MONTH, DATE'2024-01-01' + INTERVAL 25 HOUR
SELECT INTERVAL 1 DAY > INTERVAL 23 HOURS
SELECT ts BETWEEN DATE'2024-02-01' AND DATE'2024-02-29' FROM ev
SELECT date_format(DATE'2024-01-05', 'E, d MMM yyyy'), date_format(TIMESTAMP'2024-01-05 13:04:05.678', 'hh:mm:ss.SSS a'), date_format(DATE'2024-01-05', 'D w Q')
SELECT to_timestamp('2024-01-05 13:04:05'), to_date('2024-01-05'), to_date('20240105', 'yyyyMMdd')
SELECT make_date(2024, 2, 29), make_timestamp(2024, 1, 1, 10, 30, 5.5), date_from_unix_date(1), unix_date(DATE'1970-01-02'), timestamp_seconds(1), timestamp_millis(1500), timestamp_micros(5)
SELECT window.start, window.end, count(*) FROM ev GROUP BY window(ts, '10 minutes')
SELECT window(ts, '10 minutes') w, count(*) FROM ev GROUP BY w
SELECT count(*) FROM ev GROUP BY k ORDER BY count(*) DESC, k
SELECT k, count(*) c FROM ev GROUP BY k ORDER BY max(id)
SELECT k FROM ev GROUP BY k ORDER BY k DESC LIMIT 1
SELECT DISTINCT k FROM ev ORDER BY k
SELECT k, collect_set(n), collect_list(n) FROM ev WHERE n IS NULL GROUP BY k
SELECT sum(n), max(n), count(*), collect_list(n) FROM ev WHERE false
SELECT k, sum(n) FROM ev WHERE false GROUP BY k
SELECT k, n, sum(n) FROM ev GROUP BY k, n WITH ROLLUP ORDER BY k, n, 3
SELECT coalesce(k, 'all') kk, sum(n) FROM ev GROUP BY ROLLUP(k) ORDER BY 2
SELECT k, grouping(k) g FROM ev GROUP BY CUBE(k) HAVING grouping(k) = 1
SELECT k, n, count(*) FROM ev GROUP BY GROUPING SETS (k, n)
SELECT k, n, count(*) FROM ev GROUP BY k, ROLLUP(n)
SELECT first(k), last(k) FROM (SELECT * FROM ev ORDER BY id)
SELECT k, rank() OVER (ORDER BY n NULLS LAST) r FROM ev
SELECT a.id, b.id AS bid FROM ev a LEFT JOIN ev b ON a.id = b.n + 1 AND b.k = 'a' ORDER BY 1
SELECT e.* FROM ev e INNER JOIN ev f USING (id, k)
SELECT x.id FROM ev x CROSS JOIN ev y WHERE x.id < y.id
SELECT id, k FROM ev WHERE k = 'a' UNION ALL SELECT n, txt FROM ev WHERE n = 2
SELECT id FROM ev UNION ALL SELECT txt FROM ev
SELECT id FROM ev UNION SELECT bonus FROM emp
SELECT id FROM ev UNION SELECT score FROM emp
SELECT CAST(1 AS FLOAT) UNION ALL SELECT 1
SELECT CAST(1 AS FLOAT) UNION ALL SELECT 1L
SELECT 1.5 UNION ALL SELECT 2L
SELECT struct(1 AS a) UNION ALL SELECT struct(2L AS a)
SELECT map('a', 1) UNION ALL SELECT map('b', 2.5)
SELECT TIMESTAMP'2024-01-01' UNION ALL SELECT '2024-01-02'
SELECT TIMESTAMP_NTZ'2024-01-01' UNION ALL SELECT TIMESTAMP'2024-01-02'
SELECT true UNION ALL SELECT 1
SELECT 1 UNION ALL SELECT DATE'2024-01-01'
SELECT 1 EXCEPT SELECT '1'
SELECT 1 INTERSECT SELECT '1'
SELECT * FROM VALUES (1, 'a'), (2.5D, 'b') AS t(x, y)
SELECT * FROM VALUES (DATE'2024-01-01'), (TIMESTAMP'2024-01-01 01:00:00') AS t(x)
SELECT * FROM VALUES (array(1)), (array(2.5)) AS t(x)
SELECT * FROM VALUES ('a'), (1) AS t(x)
SELECT array(1, 'a'), array(1, 2.5), array(1L, 2), array(1, NULL), map('a', 1, 'b', 2.5), array(DATE'2024-01-01', '2024-01-02')
SELECT CASE k WHEN 'a' THEN n WHEN 'b' THEN 2.5 END FROM ev
SELECT nvl2(n, 1, 2.5), nullif(n, '1'), ifnull(n, 0L), coalesce(NULL, n, 1.5D) FROM ev
SELECT sum(x) FROM (SELECT 1 x UNION ALL SELECT '2') t
SELECT x FROM (SELECT 1 x UNION ALL SELECT '2') t WHERE x > 1
SELECT l.q, l.r FROM nest
SELECT t.l.q FROM nest t
SELECT m.a, nest.m.b FROM nest
SELECT x IN (y, 3), x BETWEEN 1 AND y FROM (SELECT '10' x, 9 y)
SELECT max(struct(n, id)) AS m, min(struct(n, id)) AS w FROM (SELECT n, id FROM ev) q
SELECT k, max(named_struct('v', n, 'i', id)).i AS m FROM (SELECT n, id, k FROM ev) q GROUP BY k
SELECT max(struct(n, id)) OVER (PARTITION BY k) AS m FROM ev
SELECT id FROM emp ORDER BY (dept, id)
SELECT id, (SELECT session_user FROM (SELECT 1 z)) AS s FROM (SELECT 1 AS id, 'su' AS session_user) u
SELECT id FROM (SELECT 1 AS id, 'su' AS session_user) a WHERE EXISTS (SELECT 1 FROM (SELECT 1 id) b WHERE b.id = a.id AND session_user = 'su')
SELECT id FROM (SELECT 1 AS id, DATE'2001-01-01' AS current_date) a WHERE EXISTS (SELECT 1 FROM (SELECT 1 id) b WHERE b.id = a.id AND current_date = DATE'2001-01-01')
SELECT id, (SELECT current_date FROM (SELECT 1 z)) = current_date() AS s FROM (SELECT 1 AS id, 'su' AS current_date) u
SELECT id FROM (SELECT 1 AS id, 'su' AS localtimestamp) a WHERE EXISTS (SELECT 1 FROM (SELECT 1 id) b WHERE b.id = a.id AND localtimestamp = 'su')
SELECT f.* FROM ev e JOIN ev f USING (id, k)
SELECT e.*, f.n AS fn FROM ev e LEFT JOIN ev f USING (k, id) JOIN nest USING (id)
SELECT f.* FROM ev e LEFT JOIN ev f USING (id, k)
SELECT * FROM emp e JOIN nest USING (id) JOIN dept USING (dept)
SELECT * FROM emp JOIN dept USING (DEPT)
SELECT * FROM (SELECT id, k FROM ev) NATURAL JOIN (SELECT id, n FROM ev)
SELECT * FROM emp LEFT SEMI JOIN dept USING (dept)
SELECT ID, iD + 1, K AS kk FROM (SELECT id, k FROM ev) GROUP BY ID, k
SELECT ID FROM ev ORDER BY ID
SELECT Id FROM ev GROUP BY Id HAVING Id > 1
SELECT extract(DAY FROM hired - DATE'2020-01-01') d, hired - DATE'2020-01-01' > INTERVAL 100 DAYS f FROM emp
SELECT k, grouping_id() FROM ev GROUP BY ROLLUP(k)
SELECT k, n, grouping_id(k, n) g, grouping_id() h FROM ev GROUP BY k, n WITH CUBE
SELECT id, posexplode_outer(xs) FROM nest
SELECT id, posexplode(m) FROM nest
SELECT id, explode_outer(m) AS (k, v) FROM nest WHERE id < 3
SELECT id, explode(split(name, '')) c FROM emp WHERE id < 3
SELECT k, explode(collect_list(n)) e FROM ev GROUP BY k
SELECT e.id, stack(2, 'a', salary, 'b', id) AS (what, v) FROM emp e JOIN dept d ON e.dept = d.dept WHERE salary > 1 ORDER BY id, what
SELECT id, v.x FROM nest LATERAL VIEW explode(xs) v AS x LATERAL VIEW OUTER explode(m) w AS a, b WHERE id = 1
SELECT id, x FROM nest, LATERAL (SELECT explode(xs) AS x)
SELECT * FROM posexplode(array('a','b')) AS p(i, v)
SELECT * FROM inline(array(struct(1 AS a, 'b' AS b)))
SELECT id, a.q FROM nest LATERAL VIEW explode(l) t AS a
SELECT id, id + 1 AS next FROM emp WHERE hired IS NOT NULL AND year(hired) BETWEEN 2020 AND 2022 ORDER BY next DESC
SELECT dept, avg(salary) AS a FROM emp WHERE dept IS NOT NULL GROUP BY dept HAVING avg(salary) > (SELECT avg(salary) FROM emp) ORDER BY a
SELECT TIMESTAMP'2024-01-01 10:00:00' - INTERVAL '1-1' YEAR TO MONTH AS t
FROM emp SELECT id WHERE id > 3
SELECT id FROM emp WHERE name LIKE 'B%' UNION ALL (SELECT id FROM ev ORDER BY id LIMIT 1)
SELECT * FROM (VALUES (1, 'x')) t(a, b) CROSS JOIN (VALUES (2)) u(c)
SELECT a.id FROM emp a, emp b WHERE a.id = b.id AND a.dept <> b.name ORDER BY a.id
SELECT first_value(name) OVER (PARTITION BY dept ORDER BY salary DESC NULLS LAST) AS top, id FROM emp
SELECT id, sum(salary) OVER (PARTITION BY dept ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS before FROM emp
SELECT id, avg(bonus) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS m FROM emp
SELECT dept, count(*) AS n, round(avg(salary), 1) AS a FROM emp GROUP BY dept WITH ROLLUP HAVING count(*) > 1 ORDER BY dept
SELECT CASE WHEN grouping(dept) = 1 THEN 'all' ELSE coalesce(dept, 'none') END AS d, sum(salary) AS s FROM emp GROUP BY ROLLUP(dept) ORDER BY s
SELECT dept, name, sum(salary) AS s FROM emp GROUP BY CUBE(dept, name) HAVING grouping_id(dept, name) = 1
SELECT id, filter(l, e -> e.q > 1) AS f, transform(l, e -> e.r) AS t FROM nest
SELECT id, aggregate(xs, 0L, (a, x) -> a + x) AS s, cardinality(m) AS c FROM nest
SELECT map_from_arrays(array('a', 'b'), array(1, 2)) AS m, map_from_entries(array(struct('k', 1))) AS n, str_to_map('a:1,b:2') AS s
SELECT id FROM nest WHERE array_contains(xs, 3) OR size(xs) = 0
SELECT id, s.q + 1 AS q, s.r || '!' AS r FROM nest ORDER BY s.q
SELECT concat_ws(',', xs) AS c, concat_ws('-', 'a', NULL, 'b') AS d FROM nest
SELECT date_diff(DATE'2024-03-01', DATE'2024-02-01') AS d, datediff(DATE'2024-03-01', '2024-02-28') AS e
SELECT date_add(DATE'2024-02-28', 2) AS a, DATE'2024-02-28' + 2 AS b, hired + 1 AS c FROM emp
SELECT to_date('2024-02-30') AS d
SELECT try_to_date('2024-02-30') AS d, try_cast('2024-02-30' AS DATE) AS e
SELECT CAST(12345.678 AS DECIMAL(6,1)) AS d, CAST('1.999' AS DECIMAL(3,2)) AS e, CAST(1e3D AS DECIMAL(10,2)) AS f
SELECT CAST('1.999' AS DECIMAL(3,3)) AS e
SELECT 1.10 + 2.205 AS a, 3.00 * 1.1 AS m, 10.0 / 3 AS d, CAST(7 AS DECIMAL(10,2)) % 3 AS r, -1.5 AS n
SELECT id * 2147483647 AS x FROM emp
SELECT CAST(id AS TINYINT) + CAST(127 AS TINYINT) AS x FROM emp
SELECT CAST(id AS SMALLINT) * 2S AS x, typeof(CAST(id AS SMALLINT) * 2S) AS t FROM emp
SELECT sum(salary * 1000000) AS s, sum(CAST(salary AS BIGINT) * 1000000000) AS b FROM emp
SELECT avg(CAST(id AS DECIMAL(10,2))) AS a, sum(CAST(id AS DECIMAL(10,2))) AS s, max(CAST(id AS DECIMAL(10,2))) AS m FROM emp
SELECT count(DISTINCT dept) AS a, count(DISTINCT salary, dept) AS b, sum(DISTINCT salary) AS c FROM emp
SELECT array_agg(DISTINCT dept) AS a FROM emp WHERE dept = 'dev'
SELECT id, dept FROM emp WHERE dept = 'dev' OR dept IS NULL ORDER BY dept DESC, id DESC
SELECT name FROM emp ORDER BY length(name) DESC, name LIMIT 3
SELECT DISTINCT dept, salary > 4000 AS rich FROM emp ORDER BY dept, rich
SELECT t.* FROM (SELECT id, name FROM emp) t WHERE t.id IN (SELECT id FROM ev WHERE n > 1)
SELECT e.id, (SELECT count(*) FROM emp f WHERE f.dept = e.dept AND f.salary > e.salary) AS better FROM emp e
SELECT e.id FROM emp e WHERE salary = (SELECT max(salary) FROM emp f WHERE f.dept = e.dept)
SELECT id FROM emp WHERE salary > (SELECT budget FROM dept WHERE dept = 'none')
SELECT * FROM dept d LEFT JOIN LATERAL (SELECT max(id) AS m FROM emp e WHERE e.dept = d.dept) x ON true
SELECT count(*) AS n FROM emp e JOIN dept d ON e.dept <=> d.dept
SELECT * FROM emp WHERE false
SELECT sum(x) AS s FROM VALUES (1.1), (2.22), (NULL) AS t(x)
SELECT x, count(*) AS n FROM VALUES ('a'), ('A'), ('a '), (NULL) AS t(x) GROUP BY x
SELECT lower(name) AS l FROM emp GROUP BY lower(name) ORDER BY lower(name)
SELECT id % 2 AS odd, collect_list(id) AS ids FROM (SELECT id FROM emp ORDER BY id) GROUP BY id % 2
SELECT 'it''s' AS a, "double" AS b, 'tab\tnew' AS c, r'raw\t' AS d, 'a' 'b' AS e
SELECT `id` AS `my id`, `emp`.`name` FROM emp WHERE `id` = 1
SELECT id AS value, name AS key, dept AS type, salary AS date FROM emp WHERE id = 1
SELECT 1 AS a, a + 1 AS b, b * 2 AS c
SELECT salary AS s, s * 2 AS d FROM emp WHERE id = 1
SELECT -5 DIV 2 AS a, 5 DIV -2 AS b, -5 % 3 AS c, 5.5 DIV 2 AS d, mod(-5, 3) AS e, pmod(-5, 3) AS f
SELECT 0.1 + 0.2 AS a, 0.1D + 0.2D AS b, 1e2 AS c, 1.0E-2D AS d, 100L AS e, 5S AS f, 1Y AS g
SELECT 3 > 2 AND NOT 1 > 2 OR NULL AS a, NULL AND true AS b, (NULL OR false) IS NULL AS c
SELECT substring('hello', 0, 2) AS a, substring('hello', -3) AS b, left('hello', 2) AS c, right('hello', 2) AS d, substring('hello' FROM 2 FOR 2) AS e
SELECT split('a1b2c', '[0-9]') AS a, regexp_replace('abc', '(b)', '[$1]') AS b, 'abc' RLIKE '^a.c$' AS c, regexp_extract('x=1', '(\\w)=(\\d)', 2) AS d
SELECT hour(TIMESTAMP'2024-01-01 23:59:59'), date_trunc('week', DATE'2024-01-03'), trunc(DATE'2024-05-17', 'Q')
SELECT unix_timestamp('2024-01-01 00:00:00'), from_unixtime(1704067200, 'yyyy'), to_unix_timestamp('2024-01-01', 'yyyy-MM-dd')
SELECT to_utc_timestamp(TIMESTAMP'2024-01-01 00:00:00', 'America/New_York') AS a, from_utc_timestamp(TIMESTAMP'2024-07-01 00:00:00', 'Europe/Berlin') AS b
SELECT months_between(DATE'2024-03-31', DATE'2024-02-29') AS a, add_months(DATE'2024-01-31', 1) AS b, last_day(DATE'2024-02-01') AS c
SELECT named_struct('a', 1).a AS x, struct(1, 2).col2 AS y, array(1, 2)[1] AS z, map('k', 'v')['k'] AS w
SELECT array(1, 2, 3)[5] AS z
SELECT element_at(map('a', 1), 'b') AS e, map('a', 1)['b'] AS f, try_element_at(array(1), 5) AS g
SELECT element_at(array(1), 0)
SELECT sequence(DATE'2024-01-01', DATE'2024-03-01', INTERVAL 1 MONTH) AS s
SELECT shiftleft(1, 3), 1 << 3, bit_count(7), getbit(5, 0), ~5, 5 & 6, 5 | 6, 5 ^ 6
SELECT hex('Spark'), base64('Spark'), CAST(unbase64('U3Bhcms=') AS STRING), sha1('a'), md5('a'), crc32('a')
SELECT greatest(1, 2.5, NULL), least('b', 'a'), greatest(DATE'2024-01-01', DATE'2024-02-01')
SELECT isnan(double('NaN')), double('NaN') = double('NaN'), double('Infinity') > 1e308D, 1D / 0
SELECT equal_null(NULL, NULL), NULL <=> 1, 1 <=> 1, NOT (NULL <=> NULL)
SELECT * FROM emp TABLESAMPLE (0 PERCENT)
SELECT id FROM emp LIMIT 2 + 1
SELECT id FROM emp ORDER BY id LIMIT 0
SELECT id FROM emp LIMIT -1
SELECT emp.id AS a FROM emp JOIN nest ON emp.id = nest.id AND nest.id > 1
SELECT id FROM emp WHERE id = '1' OR name = 5
SELECT id FROM emp WHERE id = 'one'
SELECT id FROM emp WHERE hired = 'not a date'
SELECT max(id) AS m FROM emp GROUP BY dept ORDER BY dept
SELECT dept, max(id) AS m FROM emp GROUP BY dept ORDER BY max(salary) DESC NULLS LAST
SELECT id FROM emp WHERE max(id) > 1
SELECT sum(sum(id)) FROM emp
SELECT id FROM emp GROUP BY dept
SELECT x FROM emp
SELECT id FROM nope
SELECT nofunc(id) FROM emp
SELECT upper() FROM emp
SELECT id FROM emp GROUP BY
SELECT id FROM emp UNION SELECT id, name FROM emp
SELECT (SELECT id, name FROM emp)
SELECT explode(5)
SELECT id FROM emp WHERE explode(array(1)) = 1
SELECT name FROM emp ORDER BY sum(id)
SELECT lag(id) FROM emp
SELECT row_number() FROM emp
SELECT id FROM emp WHERE row_number() OVER (ORDER BY id) = 1
SELECT e.id, d.title FROM emp e JOIN dept d WHERE e.id = 1 AND budget = 10
SELECT id FROM emp WHERE nope
SELECT amount * 1.1 AS a, amount / 7 AS b, amount * amount * amount AS c, amount + 0.005 AS d, round(amount / 3, 2) AS e FROM orders
SELECT sum(amount * qty) / nullif(sum(qty), 0) AS wavg, sum(amount) * 100 / 3 AS p, avg(amount / 3) AS q FROM orders
SELECT CAST(1 AS DECIMAL(38,18)) * CAST(1 AS DECIMAL(38,18)) AS a, CAST(1 AS DECIMAL(38,10)) / CAST(3 AS DECIMAL(38,10)) AS b, CAST(5 AS DECIMAL(3,1)) % CAST(0.3 AS DECIMAL(3,2)) AS c
SELECT 0.1 + 0.2 = 0.3, 1.0 = 1, 1.10 = 1.1, CAST(0.1 AS FLOAT) = 0.1, 1e0 = 1
SELECT amount, qty, amount > qty, amount = 5, amount BETWEEN 0 AND 10, amount IN (5, 100.1) FROM orders
SELECT round(2.675, 2), round(2.675D, 2), round(-0.5), ceil(-0.5), floor(-0.5), round(25, -1), bround(25, -1), truncate(1.5) FROM cust LIMIT 1
SELECT round(2.675, 2), round(2.675D, 2), round(-0.5), ceil(-0.5), floor(-0.5), round(25, -1), bround(25, -1)
SELECT date_trunc('HOUR', from_utc_timestamp(at, 'America/New_York')) AS h, count(*) AS n FROM orders GROUP BY 1 ORDER BY 1
SELECT to_timestamp('2024-03-10T02:30:00-05:00'), to_timestamp('2024-03-10 02:30:00 Europe/Berlin'), to_timestamp('2024-03-10 02:30:00Z'), CAST('2024' AS TIMESTAMP), CAST('2024-03' AS DATE), CAST('2024-03-10 25:00:00' AS DATE)
SELECT unix_timestamp('2024-01-01 00:00:00'), unix_timestamp('01/02/2024', 'dd/MM/yyyy'), to_unix_timestamp('2024-01-01 00:00:00'), from_unixtime(1704067200, 'yyyy-MM-dd HH:mm'), date_format(from_unixtime(0), 'yyyy')
SELECT date_part('WEEK', DATE'2021-01-03'), weekofyear(DATE'2020-12-31'), dayofweek(DATE'2024-03-10'), date_trunc('QUARTER', TIMESTAMP'2024-05-06'), trunc(DATE'2024-05-06', 'WEEK'), trunc(DATE'2024-05-06', 'Q'), trunc(DATE'2024-05-06', 'DECADE')
SELECT window(at, '1 hour', '30 minutes').start AS s, count(*) FROM orders GROUP BY window(at, '1 hour', '30 minutes')
SELECT split('a1b2c', '[0-9]'), split('a,b,,', ','), split('a,b,c', ',', 2), split('', ','), split('abc', ''), split_part('a||b', '||', 2), substring_index('a.b.c', '.', -2), regexp_extract_all('a1b22', '([0-9]+)', 1)
SELECT regexp_replace('2024-01-02', '(\\d+)-(\\d+)-(\\d+)', '$3/$2/$1'), regexp_extract('foo=bar', 'foo=(.*)', 1), 'a.b' RLIKE 'a\\.b', 'abc' LIKE 'a\\_c', '50%' LIKE '%\\%', 'a_c' LIKE 'a!_c' ESCAPE '!'
SELECT concat('a', NULL), concat_ws(',', 'a', NULL, 'b'), concat_ws(',', array('x', NULL, 'y'), 'z'), 'a' || NULL, nullif('', ''), coalesce(nullif(trim('  '), ''), 'empty'), length('abc  '), 'a' = 'a ', ascii(''), chr(8364)
SELECT from_json('{"a":1,"b":[{"c":"x"},{"c":null}],"d":{"e":1.5}}', 'STRUCT<a: INT, b: ARRAY<STRUCT<c: STRING>>, d: STRUCT<e: DOUBLE>>').b.c AS c
SELECT from_json('{"a":"1"}', 'a INT') AS j, from_json('{"a":1.0}', 'a INT') AS k, from_json('{"a":1}', 'a STRING') AS l, from_json('{"A":1}', 'a INT') AS m, from_json('[{"a":1},{"a":2}]', 'ARRAY<STRUCT<a: INT>>') AS n, from_json('{"a":"2024-01-02"}', 'a DATE') AS o, from_json('{"t":"2024-01-02T03:04:05Z"}', 't TIMESTAMP') AS p
SELECT to_json(named_struct('a', 1.50, 'b', DATE'2024-01-02', 'c', TIMESTAMP'2024-01-02 03:04:05.6', 'd', NULL, 'e', 1e10, 'f', 'q"\\/', 'g', X'41')) AS j
SELECT c.cid, o.total FROM cust c LEFT JOIN (SELECT cid, sum(amount) AS total FROM orders GROUP BY cid HAVING sum(amount) > 0) o ON c.cid = o.cid WHERE o.total IS NULL OR o.total > 10
SELECT cid FROM cust c WHERE 1 < (SELECT count(*) FROM orders o WHERE o.cid = c.cid AND EXISTS (SELECT 1 FROM cust x WHERE x.cid = o.cid AND x.country = 'CH'))
SELECT cid, (SELECT sum(qty) FROM orders) AS total, qty * 1.0 / (SELECT sum(qty) FROM orders) AS share FROM orders
SELECT * FROM (SELECT cid, channel, amount FROM orders) PIVOT (sum(amount) AS s, max(amount) AS m FOR (cid, channel) IN ((10, 'web') AS a, (20, 'shop') AS b))
SELECT cid, channel, count(*) AS n, grouping(cid) + grouping(channel) AS g FROM orders GROUP BY cid, channel WITH CUBE HAVING grouping(cid) = 0 ORDER BY cid, channel, g
SELECT oid, sum(amount) OVER w AS a, avg(amount) OVER w AS b, count(*) OVER w AS c, min(at) OVER w AS d FROM orders WINDOW w AS (PARTITION BY channel ORDER BY oid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
SELECT oid, max(oid) OVER (ORDER BY qty) AS m, sum(qty) OVER (ORDER BY qty DESC NULLS FIRST RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS s, lag(oid, 2, -1) OVER (PARTITION BY channel ORDER BY oid) AS l FROM orders
SELECT oid FROM orders QUALIFY row_number() OVER (PARTITION BY channel ORDER BY oid) = 1
SELECT channel, oid, rank() OVER (PARTITION BY channel ORDER BY amount DESC NULLS LAST) AS r FROM orders WHERE amount IS NOT NULL ORDER BY channel NULLS LAST, r
SELECT element_at(map('a', 1), 'b'), map('a', 1)['b'], try_element_at(array(1), 3), array(1, 2)[5], element_at(array(1, 2), -1), get(array(1), 3), size(NULL), size(map()), array_size(array(1))
SELECT array(1, 2)[5]
SELECT named_struct('a', named_struct('b', array(1, 2))).a.b[1], array(named_struct('x', 1), named_struct('x', 2)).x, map('k', named_struct('v', 3))['k'].v, struct(1, 'a').col2
SELECT aggregate(array(1, 2, 3), 0, (a, x) -> a + x, a -> a * 10), reduce(array(1.5, 2.5), CAST(0 AS DOUBLE), (a, x) -> a + x), filter(array(1, NULL, 3), (x, i) -> i > 0), transform(array(10, 20), (x, i) -> x + i), array_sort(array('b', 'a', NULL), (x, y) -> CASE WHEN x IS NULL THEN 1 WHEN y IS NULL THEN -1 WHEN x < y THEN -1 WHEN x > y THEN 1 ELSE 0 END)
SELECT arrays_zip(array(1, 2), array('a', 'b')) AS z, map_from_entries(array(struct('a', 1), struct('b', 2))) AS m, map_contains_key(map('a', 1), 'a') AS c, array_distinct(array(1, NULL, 1, NULL)) AS d, array_position(array(3, 1), 1) AS p, array_remove(array(1, NULL, 2), 1) AS r, sort_array(array(2, NULL, 1), false) AS s
SELECT explode(map('a', 1, 'b', 2)), 1 AS one
SELECT count(*), count(x), sum(x), avg(x), max(x), min(x), stddev(x), collect_list(x), first(x), bool_or(x > 1) FROM (SELECT CAST(NULL AS INT) AS x WHERE false)
SELECT NULL = NULL, NULL <> 1, NULL AND false, NULL OR true, NOT NULL, NULL IN (1), 1 IN (NULL, 1), 2 IN (NULL, 1), 2 NOT IN (NULL, 1), NULL BETWEEN 1 AND 2, coalesce(NULL, 1)
SELECT a.oid FROM orders a LEFT ANTI JOIN orders b ON a.cid = b.cid AND a.oid <> b.oid
SELECT coalesce(a.cid, b.cid) AS cid, a.oid, b.name FROM orders a FULL OUTER JOIN cust b ON a.cid = b.cid
SELECT * FROM orders NATURAL JOIN cust
SELECT cid, count(*) FROM orders RIGHT JOIN cust USING (cid) GROUP BY cid
SELECT max(at) - min(at) > INTERVAL '100' DAY AS b, datediff(max(at), min(at)) AS d FROM orders
SELECT year(at) * 100 + month(at) AS ym, sum(amount) AS s, sum(sum(amount)) OVER (ORDER BY year(at) * 100 + month(at)) AS run FROM orders GROUP BY year(at) * 100 + month(at)
WITH a AS (SELECT 1 AS x), b AS (SELECT x + 1 AS y FROM a), c AS (SELECT y * 2 AS z FROM b) SELECT x, y, z FROM a, b, c
WITH t AS (SELECT channel, amount FROM orders), u AS (SELECT channel, sum(amount) AS s FROM t GROUP BY channel) SELECT t.channel, t.amount / u.s AS share FROM t JOIN u ON t.channel <=> u.channel
SELECT stack(2, 1, 'a', 2, 'b') AS (n, s)
SELECT hex(-1), hex('ä'), bin(-1), conv('-10', 10, 16), unhex('zz'), md5(''), sha1(NULL), crc32('x'), hash(1.0, 1.00, CAST(1 AS DECIMAL(10,1))), xxhash64(NULL, 'a', array(1))
SELECT shiftleft(1, 33), shiftright(-1, 31), 1 / 0.0D, -1 / 0D, 0D / 0D, sqrt(-1), log(0), ln(-1), acos(2), pow(0, 0), mod(5.5, 2), -7 div 2, pmod(-7.5, 2)
SELECT try_divide(1, 0), try_add(2147483647, 1), try_multiply(9223372036854775807, 2), try_mod(1, 0), try_cast('1e3' AS INT), try_cast('12.5' AS INT), try_cast(' 5 ' AS INT), try_cast('' AS DOUBLE), try_cast('nan' AS DOUBLE), try_cast('Infinity' AS FLOAT), try_cast('yes' AS BOOLEAN), try_cast('t' AS BOOLEAN), try_cast('2024-1-5' AS DATE)
SELECT CAST('t' AS BOOLEAN), CAST(2 AS BOOLEAN), CAST(0.0 AS BOOLEAN), CAST(true AS INT), CAST('1.9' AS DECIMAL(5,0)), CAST(1.95 AS DECIMAL(3,1)), CAST(-1.95 AS DECIMAL(3,1)), CAST(1e3 AS INT), CAST(127.9 AS TINYINT), CAST(TIMESTAMP'2024-01-01' AS BIGINT), CAST(1.5D AS TIMESTAMP)
SELECT CAST(1e15D AS STRING), CAST(123456789.123D AS STRING), CAST(1e-5D AS STRING), CAST(CAST(16777217 AS FLOAT) AS STRING), CAST(1.0E7D AS STRING), CAST(9999999D AS STRING), CAST(-0.0D AS STRING), CAST(CAST(1 AS DECIMAL(10,4)) AS STRING), CAST(CAST(1e-8 AS DECIMAL(10,8)) AS STRING), CAST(TIMESTAMP'2024-01-01 00:00:00.100' AS STRING), CAST(DATE'0001-01-01' AS STRING)
SELECT to_utc_timestamp(TIMESTAMP'2024-03-10 02:30:00', 'America/New_York'), to_utc_timestamp(TIMESTAMP'2024-11-03 01:30:00', 'America/New_York'), to_utc_timestamp(TIMESTAMP'2024-11-03 02:30:00', 'America/New_York'), to_utc_timestamp(TIMESTAMP'2024-11-03 00:59:59', 'America/New_York'), to_utc_timestamp(TIMESTAMP'2024-04-07 01:45:00', 'Australia/Lord_Howe')
SELECT TIMESTAMP'2024-03-10 02:30:00 America/New_York' AS a, TIMESTAMP'2024-11-03 01:30:00 America/New_York' AS b, TIMESTAMP'2024-11-03 02:30:00 America/New_York' AS c, TIMESTAMP'2024-07-01 00:00:00 Europe/Zurich' AS d, TIMESTAMP'2024-03-31 02:00:00 Europe/Zurich' AS e, TIMESTAMP'2024-10-27 02:59:59 Europe/Zurich' AS f, TIMESTAMP'2024-03-10 03:00:00 America/New_York' AS g, TIMESTAMP'2024-03-10 01:59:59 America/New_York' AS h
SELECT CAST('2024-11-03 01:30:00 America/New_York' AS TIMESTAMP) AS a, to_timestamp('2024-03-10 02:30:00 America/New_York') AS b
SELECT convert_timezone('America/New_York', 'UTC', TIMESTAMP_NTZ'2024-11-03 01:30:00') AS a, make_timestamp(2024, 11, 3, 1, 30, 0, 'America/New_York') AS b, make_timestamp(2024, 3, 10, 2, 30, 0, 'America/New_York') AS c
SELECT months_between(DATE'2024-03-15', DATE'2024-02-29', false), months_between(DATE'2024-03-15', DATE'2024-02-29', true), months_between(TIMESTAMP'2024-03-15 12:00:00', DATE'2024-02-29')
SELECT get_json_object('{"a b":1}', "$['a b']") AS m, get_json_object('{"a":{"b c":[5]}}', "$.a['b c'][0]") AS n
SELECT nullif(1, 1)
SELECT array('a') UNION ALL SELECT array(1)
SELECT array(1) UNION ALL SELECT array(1L)
SELECT array('a') AS x UNION ALL SELECT array(DATE'2020-01-01')
SELECT named_struct('a', 1) UNION ALL SELECT named_struct('a', 'x')
SELECT named_struct('a', 1) UNION ALL SELECT named_struct('b', 2L)
SELECT map('a', 1) UNION ALL SELECT map('b', 'x')
SELECT map('a', 1) UNION ALL SELECT map(1, 1.5)
SELECT array(1) UNION ALL SELECT array(true)
SELECT true = 1
SELECT 1 = true
SELECT id FROM emp WHERE (id > 1) = 1
SELECT id FROM emp WHERE (id > 1) = 'true'
SELECT id FROM emp WHERE (id > 1) > 0
SELECT true IN (1, 2)
SELECT id = true FROM emp
SELECT t.x = true FROM (SELECT id AS x FROM emp) t
SELECT CASE true WHEN 1 THEN 2 END
SELECT id + 1 AS y FROM emp WHERE y > 2
SELECT id + 1 AS y FROM emp WHERE y > 2 AND id < 4
SELECT id * 2 AS id FROM emp WHERE id > 3
SELECT salary AS id FROM emp WHERE id > 3
SELECT id + 1 AS y FROM emp GROUP BY y
SELECT id + 1 AS y, count(*) AS c FROM emp GROUP BY y HAVING c > 0
SELECT id + 1 AS y, count(*) AS c FROM emp GROUP BY y HAVING y > 2
SELECT dept AS id, count(*) AS c FROM emp GROUP BY id
SELECT id + 1 AS y, y * 2 AS z FROM emp
SELECT id + 1 AS y FROM emp e JOIN dept d ON e.dept = d.dept AND y > 1
SELECT id AS y FROM emp ORDER BY y
SELECT -id AS id FROM emp ORDER BY id
SELECT -id AS x FROM emp ORDER BY id
SELECT id AS y FROM emp WHERE EXISTS (SELECT 1 FROM dept WHERE budget > y)
SELECT id AS y FROM emp QUALIFY y > 1
SELECT sum(id) AS s FROM emp WHERE s > 1
SELECT max(salary) AS m FROM emp GROUP BY dept HAVING m > 4000
SELECT id, FROM emp
SELECT id, name, FROM emp
SELECT 1,
SELECT id FROM emp,
SELECT id FROM emp GROUP BY id,
SELECT id FROM emp ORDER BY id,
SELECT count(id,) FROM emp
SELECT id FROM emp WHERE id IN (1, 2,)
SELECT try_sum(x) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)
SELECT sum(x) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)
SELECT try_sum(x + 0) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)
SELECT try_sum(y) FROM (SELECT x + 0 AS y FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L))
SELECT try_sum(y) FROM (SELECT id * 1BD * 9999999999999999999999999999999999 AS y FROM emp)
SELECT try_avg(y) FROM (SELECT x + 0 AS y FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L))
SELECT CAST(99999999999999999999999999999999999999BD AS DECIMAL(38,0)) * 10
SELECT CAST(12345.678 AS DECIMAL(5,2))
SELECT x * 1000000000000000000000000000000000000 FROM (SELECT CAST(id AS DECIMAL(38,0)) * 10 AS x FROM emp)
SELECT name LIKE ANY ('A%', 'B%') FROM emp
SELECT name LIKE ALL ('A%', '%n') FROM emp
SELECT name NOT LIKE ANY ('A%', 'B%') FROM emp
SELECT listagg(name, ',') FROM emp
SELECT string_agg(name) FROM emp
SELECT emp.id, d.title FROM emp JOIN dept d JOIN nest n ON d.dept = emp.dept ON n.id = emp.id
SELECT emp.id, d.title FROM emp JOIN dept d JOIN nest n ON d.dept = emp.dept
SELECT emp.id, d.title FROM emp JOIN dept d JOIN nest n ON n.id = emp.id
SELECT emp.id, d.title FROM emp JOIN nest n JOIN dept d ON n.id = emp.id AND d.dept = emp.dept
SELECT emp.id FROM emp LEFT JOIN nest n INNER JOIN dept d ON n.id = 1 ON n.id = emp.id
SELECT count(*) FROM dept
SELECT n.s.* FROM nest n
SELECT nest.s.* FROM nest
SELECT id, s.*, id AS i2 FROM nest
SELECT * EXCEPT (id) FROM dept JOIN (SELECT 1 AS id)
SELECT * EXCEPT (budget) FROM dept
SELECT d.* EXCEPT (budget) FROM dept d
SELECT id, id FROM emp
SELECT id, ID FROM emp
SELECT * FROM emp JOIN dept ON emp.dept = dept.dept
SELECT * FROM emp e JOIN dept d ON e.dept = d.dept ORDER BY e.id
SELECT e.dept, d.dept FROM emp e FULL JOIN dept d ON e.dept = d.dept
SELECT dept FROM (SELECT * FROM emp JOIN dept ON emp.dept = dept.dept)
SELECT id FROM (SELECT * FROM emp JOIN dept ON emp.dept = dept.dept)
SELECT count(*) FROM (SELECT id, id FROM emp) x
SELECT * FROM (SELECT id, id FROM emp) x
SELECT 1, 1
SELECT count(*), count(*) FROM emp
SELECT a.* , b.* FROM emp a JOIN emp b ON a.id = b.id
SELECT n, v FROM nest UNPIVOT INCLUDE NULLS (v FOR n IN (id))
SELECT * FROM (SELECT id, salary, CAST(score AS INT) AS sc FROM emp) UNPIVOT INCLUDE NULLS (v FOR n IN (salary, sc))
SELECT * FROM (SELECT id, salary, CAST(id AS INT) AS sc FROM emp) UNPIVOT (v FOR n IN (salary, sc))
SELECT INTERVAL '1' YEAR
SELECT INTERVAL '13' MONTH
SELECT make_ym_interval(1, 2)
SELECT INTERVAL '1' YEAR + INTERVAL '2' MONTH
SELECT DATE'2020-01-31' + INTERVAL '1' MONTH
SELECT channel, count(*) AS n, count(amount) AS c, sum(amount) AS s, avg(amount) AS a, min(amount) AS mn, max(qty) AS mx FROM orders GROUP BY channel
SELECT channel, cid, sum(amount) AS s, grouping(channel) AS g1, grouping_id() AS g FROM orders GROUP BY CUBE(channel, cid)
SELECT channel, cid, sum(qty), grouping_id(channel, cid) AS g FROM orders GROUP BY GROUPING SETS ((channel, cid), (channel), ())
SELECT coalesce(channel, 'all') AS ch, sum(amount * qty) AS rev FROM orders GROUP BY ROLLUP(channel)
SELECT date_trunc('MONTH', at) AS m, sum(amount) AS s FROM orders GROUP BY 1 ORDER BY 1
SELECT date_format(at, 'yyyy-MM') AS m, count(*) FROM orders GROUP BY date_format(at, 'yyyy-MM')
SELECT year(at) AS y, quarter(at) AS q, month(at) AS m, dayofweek(at) AS dw, weekday(at) AS wd, weekofyear(at) AS w, dayofyear(at) AS dy FROM orders
SELECT oid, from_utc_timestamp(at, 'America/New_York') AS ny, to_utc_timestamp(at, 'Europe/Zurich') AS z FROM orders
SELECT oid, convert_timezone('UTC', 'America/New_York', CAST(at AS TIMESTAMP_NTZ)) AS ny FROM orders
SELECT oid, date_add(at, 30) AS a, add_months(at, 1) AS b, last_day(at) AS c, next_day(at, 'MON') AS d, months_between(at, TIMESTAMP'2024-01-31 10:00:00') AS e FROM orders
SELECT oid, datediff(DATE'2024-12-31', at) AS d, unix_timestamp(at) AS u, to_date(at) AS td, trunc(at, 'YEAR') AS tr, date_trunc('WEEK', at) AS w FROM orders
SELECT oid, at + INTERVAL 1 HOUR AS h, at - INTERVAL '1' DAY AS d, at + INTERVAL 1 MONTH AS m FROM orders
SELECT oid, timestampdiff(HOUR, TIMESTAMP'2024-01-01 00:00:00', at) AS h, timestampadd(MINUTE, 90, at) AS m FROM orders
SELECT oid, lag(amount) OVER (PARTITION BY cid ORDER BY at) AS p, lead(oid, 1, -1) OVER (ORDER BY oid) AS n FROM orders
SELECT oid, sum(amount) OVER (PARTITION BY channel ORDER BY oid ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s, avg(qty) OVER (PARTITION BY channel) AS a FROM orders
SELECT oid, rank() OVER (ORDER BY qty DESC) AS r, dense_rank() OVER (ORDER BY qty DESC) AS d, row_number() OVER (ORDER BY qty DESC, oid) AS rn, ntile(3) OVER (ORDER BY oid) AS t, percent_rank() OVER (ORDER BY oid) AS p, cume_dist() OVER (ORDER BY qty) AS c FROM orders
SELECT oid, first_value(channel) IGNORE NULLS OVER (ORDER BY oid DESC) AS f, last_value(channel, true) OVER (ORDER BY oid ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS l, nth_value(oid, 2) OVER (ORDER BY oid) AS n FROM orders
SELECT * FROM (SELECT oid, cid, row_number() OVER (PARTITION BY cid ORDER BY at DESC) AS rn FROM orders) WHERE rn = 1
WITH r AS (SELECT cid, sum(amount) AS s FROM orders GROUP BY cid), t AS (SELECT sum(s) AS total FROM r) SELECT cid, s, round(s / total * 100, 2) AS pct FROM r, t
SELECT oid, amount / qty AS unit, amount / 3 AS third, amount % 3 AS m, -amount AS neg, amount * amount AS sq, amount + qty AS p FROM orders
SELECT oid, CAST(amount AS INT) AS i, CAST(amount AS DOUBLE) AS d, CAST(amount AS STRING) AS s, round(amount, 1) AS r, bround(amount, 1) AS b, ceil(amount) AS c, floor(amount) AS f FROM orders
SELECT qty / 0 FROM orders
SELECT try_divide(qty, 0) AS t, nullif(qty, 1) AS n, nvl(qty, -1) AS v, nvl2(qty, 'y', 'n') AS w, ifnull(channel, '?') AS i FROM orders
SELECT oid FROM orders WHERE cid NOT IN (SELECT cid FROM cust WHERE country IS NULL)
SELECT oid FROM orders WHERE cid NOT IN (10, NULL)
SELECT oid FROM orders WHERE NOT EXISTS (SELECT 1 FROM cust WHERE cust.cid = orders.cid)
SELECT oid FROM orders WHERE channel <> 'web'
SELECT oid FROM orders WHERE NOT (channel = 'web' AND qty > 1)
SELECT oid FROM orders WHERE channel <=> NULL OR qty <=> 1
SELECT oid, CASE WHEN qty > 1 THEN 'many' WHEN qty = 1 THEN 'one' END AS c, CASE channel WHEN 'web' THEN 1 ELSE 0 END AS w FROM orders
SELECT count(DISTINCT channel) AS a, count(DISTINCT channel, cid) AS b, count(NULL) AS c, count(channel, cid) AS d FROM orders
SELECT sum(qty) FILTER (WHERE channel = 'web') AS w, count_if(qty > 1) AS c, any_value(channel) IS NOT NULL AS a, bool_and(qty > 0) AS b, every(qty > 1) AS e FROM orders
SELECT c.name, o.n FROM cust c LEFT JOIN LATERAL (SELECT count(*) AS n FROM orders o WHERE o.cid = c.cid) o
SELECT c.name, o.oid FROM cust c, LATERAL (SELECT oid FROM orders o WHERE o.cid = c.cid ORDER BY at DESC LIMIT 1) o
SELECT name, (SELECT max(amount) FROM orders o WHERE o.cid = c.cid) AS m, (SELECT count(*) FROM orders o WHERE o.cid = c.cid) AS n FROM cust c
SELECT oid FROM orders o WHERE amount > (SELECT avg(amount) FROM orders i WHERE i.channel = o.channel)
SELECT name, upper(name) AS u, lower(name) AS l, length(name) AS n, char_length(name) AS cl, octet_length(name) AS o, bit_length(name) AS b, reverse(name) AS r, initcap(name) AS i FROM cust
SELECT name, substring(name, 2, 3) AS s, left(name, 2) AS l, right(name, 2) AS r, lpad(name, 8, '*') AS lp, rpad(name, 3, '*') AS rp, instr(name, 'r') AS i, locate('e', name, 3) AS lo FROM cust
SELECT name, split(name, '') AS s, substr(name, -2) AS e, ascii(name) AS a, hex(name) AS h, base64(name) AS b, md5(name) AS m, crc32(name) AS c, soundex(name) AS sx FROM cust
SELECT name, translate(name, 'äÄs', 'aAz') AS t, replace(name, 's', 'S') AS r, overlay(name PLACING 'XX' FROM 2) AS o, concat_ws('-', name, country, NULL) AS c, name || country AS n, repeat(name, 2) AS p FROM cust
SELECT name, regexp_replace(name, '[aeiou]', '_') AS r, regexp_extract(name, '([a-z]+)', 1) AS e, regexp_like(name, '^s') AS l, regexp_count(name, '[a-z]') AS c, regexp_substr(name, '[a-z]{2}') AS s, regexp_instr(name, 'r') AS i FROM cust
SELECT trim('  x '), ltrim('xx' FROM 'xxabxx'), rtrim('x', 'abxx'), btrim('  a '), trim(BOTH 'x' FROM 'xax'), trim(LEADING FROM '  a')
SELECT name LIKE '%e', name ILIKE 'ä%', name RLIKE 'r', name LIKE '_rne' FROM cust
SELECT oid, get_json_object(info, '$.city') AS c, get_json_object(info, '$.tags[0]') AS t, get_json_object(info, '$.o.k[1].z') AS z, get_json_object(info, '$.n') AS n, get_json_object(info, '$.tags') AS g FROM orders
SELECT oid, from_json(info, 'city STRING, n DOUBLE, tags ARRAY<STRING>') AS j FROM orders
SELECT oid, from_json(info, 'city STRING').city AS c, json_array_length(get_json_object(info, '$.tags')) AS l, json_object_keys(info) AS k FROM orders WHERE oid <> 4
SELECT oid, t.a, t.b FROM orders LATERAL VIEW json_tuple(info, 'city', 'n') t AS a, b
SELECT to_json(named_struct('a', oid, 'b', at, 'c', amount, 'd', array(1, NULL), 'e', map('k', qty))) FROM orders
SELECT cid, l FROM cust LATERAL VIEW OUTER explode(labels) AS l
SELECT cid, p, l FROM cust LATERAL VIEW posexplode(labels) x AS p, l
SELECT cid, explode_outer(labels) AS l FROM cust
SELECT cid, size(labels) AS s, cardinality(labels) AS c, array_contains(labels, 'eu') AS a, labels[0] AS f, element_at(labels, 1) AS e FROM cust WHERE cid < 30
SELECT cid, try_element_at(labels, 5) AS t, array_join(labels, '|', '?') AS j, array_distinct(labels) AS d, sort_array(labels) AS s, concat(labels, array('z')) AS c, array_position(labels, 'eu') AS p, array_remove(labels, 'x') AS r FROM cust
SELECT cid, transform(labels, x -> upper(x)) AS t, filter(labels, x -> x IS NOT NULL) AS f, exists(labels, x -> x = 'eu') AS e, forall(labels, x -> length(x) > 1) AS a, aggregate(labels, '', (acc, x) -> concat(acc, coalesce(x, '#'))) AS g FROM cust
SELECT channel, collect_list(qty) AS l, sort_array(collect_set(qty)) AS s, max_by(oid, qty) AS mb, min_by(oid, amount) AS nb FROM (SELECT * FROM orders ORDER BY oid) GROUP BY channel
SELECT map_from_arrays(array('a', 'b'), array(1, NULL)) AS m, map_keys(map('x', 1)) AS k, map_values(map('x', 1)) AS v, map_entries(map('x', 1)) AS e, map_concat(map('a', 1), map('b', 2)) AS c, str_to_map('a:1,b:2') AS s
SELECT transform_values(map('a', 1, 'b', 2), (k, v) -> v * 10) AS t, map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1) AS f, transform_keys(map('a', 1), (k, v) -> upper(k)) AS k, map_zip_with(map('a', 1), map('a', 2), (k, a, b) -> a + b) AS z
SELECT arrays_zip(array(1, 2), array('a')) AS z, flatten(array(array(1), array(2, 3))) AS f, sequence(1, 10, 3) AS s, slice(array(1, 2, 3, 4), -2, 2) AS sl, array_union(array(1, 2), array(2, 3)) AS u, array_except(array(1, 2), array(2)) AS e, array_intersect(array(1, 2), array(2)) AS i, arrays_overlap(array(1, NULL), array(2)) AS o, array_repeat('x', 2) AS r
SELECT sequence(DATE'2024-01-31', DATE'2024-05-01', INTERVAL 1 MONTH) AS s, sequence(TIMESTAMP'2024-03-10 00:00:00', TIMESTAMP'2024-03-10 03:00:00', INTERVAL 1 HOUR) AS t
SELECT zip_with(array(1, 2), array(3, 4), (x, y) -> x + y) AS z, array_sort(array(3, NULL, 1)) AS s, array_min(array(3, 1)) AS mn, array_max(array(1.5, 2)) AS mx, array_compact(array(1, NULL)) AS c, array_append(array(1), 2) AS a, array_prepend(array(1), 0) AS p, array_insert(array(1, 3), 2, 2) AS i
SELECT * FROM (SELECT channel, qty, cid FROM orders) PIVOT (sum(qty) FOR channel IN ('web', 'shop'))
SELECT * FROM (SELECT channel, qty, cid FROM orders) PIVOT (sum(qty) AS s, count(*) AS c FOR channel IN ('web' AS w, 'shop'))
SELECT * FROM (SELECT oid, qty, cid FROM orders) UNPIVOT (v FOR k IN (qty AS q, cid))
SELECT oid, stack(2, 'a', qty, 'b', cid) AS (k, v) FROM orders
SELECT cid, name FROM cust UNION SELECT cid, channel FROM orders
SELECT cid FROM orders INTERSECT SELECT cid FROM cust
SELECT cid FROM orders EXCEPT ALL SELECT cid FROM cust
SELECT cid FROM cust MINUS SELECT cid FROM orders
SELECT cid, amount FROM orders UNION ALL SELECT cid, 1.5 FROM cust
SELECT cid, qty FROM orders UNION ALL SELECT cid, name FROM cust
SELECT oid, greatest(qty, cid, 5) AS g, least(qty, NULL) AS l, abs(amount) AS a, sign(amount) AS s, pmod(-7, 3) AS p, mod(-7, 3) AS m, -7 % 3 AS r, -7 div 2 AS d FROM orders
SELECT power(2, 3), sqrt(2), exp(0), ln(1), log10(100), log(2, 8), cbrt(27), hypot(3, 4), round(2.5), round(-2.5), bround(2.5), rint(2.5), round(1234.5, -2), factorial(5), conv('ff', 16, 10), bin(5)
SELECT 1/3, 10/3*3, 1.0/3, 2.5*1.25, 1e2, 100000000000, 0.1+0.2, CAST(0.1 AS DOUBLE)+0.2D, 1.10, 5 % 2.5
SELECT CAST('2024-02-30' AS DATE)
SELECT try_cast('2024-02-30' AS DATE), to_date('20240229', 'yyyyMMdd'), to_date('x', 'yyyy'), 1
SELECT try_to_timestamp('x'), to_timestamp('2024-01-02 03:04'), to_timestamp('02/01/2024', 'dd/MM/yyyy'), CAST('2024-01-02T03:04:05+02:00' AS TIMESTAMP), DATE'2024-1-2', TIMESTAMP'2024-01-02'
SELECT date_format(TIMESTAMP'2024-07-04 15:06:07.089', 'EEEE, d MMMM yyyy hh:mm a'), date_format(DATE'2024-01-01', 'D e u QQQ'), date_format(TIMESTAMP'2024-07-04 15:06:07.089', "yyyy-MM-dd'T'HH:mm:ss.SSSXXX")
SELECT from_unixtime(0), from_unixtime(1700000000, 'yyyy/MM/dd'), timestamp_seconds(1.5), timestamp_millis(1700000000123), unix_date(DATE'2024-01-01'), date_from_unix_date(100), make_date(2024, 2, 29), make_timestamp(2024, 1, 2, 3, 4, 5.678), unix_millis(TIMESTAMP'2024-01-01 00:00:00')
SELECT extract(YEAROFWEEK FROM at), date_part('MINUTE', at), hour(at), minute(at), second(at), dayname(at), monthname(at) FROM orders
SELECT at - TIMESTAMP'2024-01-01 00:00:00' > INTERVAL 60 DAYS FROM orders
SELECT DATE'2024-03-01' - DATE'2024-02-01' = INTERVAL '29' DAY
SELECT oid FROM orders ORDER BY amount DESC NULLS FIRST, oid LIMIT 3 OFFSET 1
SELECT DISTINCT channel, qty > 1 AS m FROM orders ORDER BY channel, m
SELECT channel, sum(qty) AS s FROM orders GROUP BY channel HAVING sum(qty) > 3 ORDER BY s DESC
SELECT channel, percentile(qty, 0.5) AS p, percentile_approx(qty, 0.5) AS a, median(qty) AS m, mode(qty) AS o, approx_count_distinct(qty) AS d FROM orders GROUP BY channel
SELECT window.start, window.end, count(*) AS n FROM (SELECT window(at, '1 day') AS window FROM orders WHERE at IS NOT NULL) GROUP BY window
SELECT bit_and(qty) AS a, bit_or(qty) AS o, bit_xor(qty) AS x, sum(DISTINCT qty) AS s, array_agg(DISTINCT channel) IS NULL AS g FROM orders
SELECT uuid() IS NOT NULL, typeof(1), typeof(1.5), typeof(array(1)), typeof(NULL), typeof(map('a', 1)), typeof(DATE'2024-01-01'), version() IS NOT NULL
SELECT sha2('a', 256), sha1('a'), xxhash64('a', 1), hash('a', 1, NULL), unhex('41'), unbase64('QQ=='), encode('ä', 'UTF-8'), decode(encode('ä', 'UTF-16BE'), 'UTF-16BE')
SELECT format_number(1234567.891, 2), format_string('%05d|%s|%.2f', 42, 'x', 1.5D), space(3), elt(2, 'a', 'b'), field('b', 'a', 'b'), find_in_set('b', 'a,b'), levenshtein('kitten', 'sitting'), substring_index('a.b.c', '.', 2), printf('%s', 1)
SELECT split_part('a.b.c', '.', -1), contains('abc', 'b'), startswith('abc', 'a'), endswith('abc', 'c'), mask('Ab1-'), char(65), chr(256), url_encode('a b'), parse_url('http://x.y/p?q=1', 'QUERY', 'q'), luhn_check('79927398713'), to_binary('41', 'hex')
SELECT name, labels.size FROM cust
SELECT c.*, o.oid FROM cust c JOIN orders o USING (cid) WHERE c.country IS NOT NULL
SELECT count(*) FROM orders a JOIN orders b ON a.cid = b.cid AND a.oid < b.oid
SELECT a.oid, b.oid AS other FROM orders a FULL OUTER JOIN orders b ON a.qty = b.qty AND a.oid <> b.oid ORDER BY 1, 2
SELECT cid, sum(s) OVER (ORDER BY cid) AS run FROM (SELECT cid, sum(amount) AS s FROM orders GROUP BY cid)
SELECT channel, sum(sum(qty)) OVER () AS t, sum(qty) / sum(sum(qty)) OVER () AS share FROM orders GROUP BY channel
SELECT oid, sum(qty) OVER (ORDER BY at RANGE BETWEEN INTERVAL 30 DAYS PRECEDING AND CURRENT ROW) AS s FROM orders
SELECT oid, count(*) OVER (ORDER BY cid RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING) AS s FROM orders
SELECT named_struct('a', 1, 'b', 'x') = named_struct('a', 1, 'b', 'x'), (1, NULL) = (1, NULL), (1, 2) < (1, 3), array(1, NULL) < array(1, 2)
SELECT struct(oid, channel) AS s, struct(oid AS k, qty).k AS k, inline(array(struct(1, 'a'))) FROM orders WHERE oid = 1
SELECT max(struct(qty, oid)) AS m, min(struct(channel, oid)) AS n, max(named_struct('q', qty, 'o', oid)).o AS o FROM orders
SELECT * FROM orders o WHERE (o.cid, o.channel) IN ((10, 'web'), (20, 'shop'))
SELECT cid FROM cust WHERE (cid, country) IN (SELECT cid, 'CH' FROM orders)
SELECT at::date, amount::int, '12'::int + 1, qty::string FROM orders
SELECT "a'b", 'it''s', r'\n', 'a\tb', '\u00e9', "x" 'y'
SELECT CAST(1234.5 AS STRING), CAST(1e20 AS STRING), CAST(1.0D AS STRING), CAST(0.00001D AS STRING), CAST(CAST(1.1 AS FLOAT) AS STRING), CAST(true AS STRING), CAST(array(1, NULL) AS STRING), CAST(map('a', 1) AS STRING), CAST(named_struct('a', 1) AS STRING), CAST(1.5 AS INT), CAST(-1.5 AS INT), CAST('  12 ' AS INT), CAST(DATE'2024-01-01' AS TIMESTAMP), CAST(X'41' AS STRING)
SELECT '5' + 3, '5' * '2', '1.5' + 1, 'a' || 1, 1 || 2, '10' > 9, '2024-01-01' < DATE'2024-02-01', at > '2024-06-01' FROM orders
SELECT CAST(2147483647 AS BIGINT) + 1, 2147483647L * 2, abs(-5), negative(3), positive(3), 5 & 3, 5 | 3, 5 ^ 3, ~5, shiftleft(1, 3), 1 << 3, -8 >> 1, shiftrightunsigned(-8, 1), bit_count(7), getbit(5, 0)
SELECT array('1') UNION ALL SELECT array(2)
SELECT array(DATE'2020-01-02') AS x UNION ALL SELECT array('2020-01-01')
SELECT map('a', 1) UNION ALL SELECT map('b', 2.5D)
SELECT named_struct('a', 1) UNION ALL SELECT named_struct('a', 2L)
SELECT named_struct('a', 1) UNION ALL SELECT named_struct('A', 2.5)
SELECT array(named_struct('x', 1)) UNION ALL SELECT array(named_struct('x', '7'))
SELECT array(1.7D) UNION ALL SELECT array('2.5')
SELECT CAST(array(1.7D, -1.7D, NULL) AS ARRAY<INT>)
SELECT CAST(map('a', 1.7D) AS MAP<STRING, INT>)
SELECT CAST(named_struct('a', 1.7D, 'b', '3') AS STRUCT<x: INT, y: BIGINT>)
SELECT CAST(array(1.5, 2) AS ARRAY<STRING>)
SELECT CAST(l AS ARRAY<STRUCT<a: STRING, b: STRING>>) FROM nest
SELECT CAST(xs AS ARRAY<DOUBLE>), CAST(m AS MAP<STRING, STRING>), CAST(s AS STRUCT<q: STRING, r: STRING>) FROM nest
SELECT CASE WHEN id = 1 THEN xs ELSE array(1L) END FROM nest
SELECT array(array(1), array(2L)), map('a', array(1), 'b', array(2.5))
SELECT array(1) = array(1L), array(1) IN (array(1.0)), named_struct('a', 1) = named_struct('a', 1L)
SELECT xs = array(3, 1, 2), array(3L) < xs FROM nest
SELECT exists(xs, x -> x > 2), forall(xs, x -> x > 0), exists(array(1, NULL), x -> x > 5), forall(array(1, NULL), x -> x > 0), forall(array(NULL), x -> x > 0), exists(array(1, NULL), x -> x = 1), forall(array(1, NULL), x -> x > 1) FROM nest
SELECT sequence(DATE'2024-01-31', DATE'2024-05-31', INTERVAL 1 MONTH), sequence(DATE'2024-05-31', DATE'2024-01-31', INTERVAL -1 MONTH), sequence(DATE'2024-01-01', DATE'2024-01-03'), sequence(TIMESTAMP'2024-01-31 10:00:00', TIMESTAMP'2024-04-30 09:00:00', INTERVAL 1 MONTH)
SELECT sequence(hired, DATE'2023-01-01', INTERVAL 1 YEAR) FROM emp
SELECT id, from_json(txt, 'ARRAY<INT>') AS j FROM ev
SELECT from_json('[1, 2', 'ARRAY<INT>'), from_json('{"a": [1]}', 'MAP<STRING, ARRAY<INT>>'), from_json('x', 'MAP<STRING, STRING>')
SELECT extract(YEAROFWEEK FROM DATE'2024-12-31'), extract(DAYOFWEEK_ISO FROM DATE'2024-12-31'), date_part('DOW_ISO', DATE'2024-12-29')
SELECT try_sum(x + 0) AS t, try_sum(DISTINCT x) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)
SELECT try_sum(x) OVER (ORDER BY x) FROM (SELECT 9223372036854775807L AS x UNION ALL SELECT 1L)
SELECT try_sum(x) FROM (SELECT 1.5 AS x)
SELECT try_sum(x) FROM (SELECT 1.5D AS x)
SELECT try_sum(salary), try_sum(score), try_sum(bonus) FROM emp
SELECT soundex('straße'), soundex('Ashcraft'), mask('Ab1-', 'Y')
SELECT name NOT LIKE ALL ('A%', 'B%'), name ILIKE ANY ('a%'), NOT name LIKE ANY ('A%', 'B%'), name LIKE ANY (dept, 'A%') FROM emp
SELECT listagg(name) FROM emp
SELECT (score > 1) = (salary > 1) FROM emp
SELECT (x > 1) = y FROM (SELECT 1 AS x, true AS y)
SELECT x = 'true', x <> (1 = 1), x IN (true, false) FROM (SELECT true AS x)
SELECT c.name, n.id FROM emp c LEFT JOIN LATERAL (SELECT id FROM nest n WHERE n.id = c.id) n
SELECT c.name, n.id FROM emp c LEFT JOIN nest n ORDER BY 1, 2
SELECT count(*) FROM emp a LEFT SEMI JOIN dept b
SELECT count(*) FROM emp a JOIN dept b USING (dept) JOIN nest
SELECT count(*) FROM emp a JOIN VALUES (1, 2), (3, 4) AS v(x, y) JOIN nest n ON v.x = n.id
SELECT id AS k FROM emp WHERE k = 1
SELECT id AS k FROM emp e WHERE e.k = 1
SELECT s.q AS q FROM nest WHERE q = 7
SELECT id AS q FROM nest WHERE s.q = 7
SELECT id AS s FROM nest WHERE s.q = 7
SELECT x AS id FROM (SELECT id AS x FROM emp) WHERE id = 1
WITH t AS (SELECT id AS x FROM emp) SELECT x AS y FROM t WHERE y = 1
WITH t(a, b) AS (SELECT id, name FROM emp) SELECT a AS y FROM t WHERE b = 'Ann' AND a = 1
SELECT count(*) AS n FROM emp e WHERE EXISTS (SELECT id AS z FROM dept WHERE e.dept = dept.dept)
SELECT id AS n FROM emp e WHERE (SELECT count(*) AS n FROM dept d WHERE d.dept = e.dept) > 0
SELECT e.id AS k FROM emp e WHERE EXISTS (SELECT 1 FROM nest WHERE nest.id = k)
SELECT e AS x FROM nest LATERAL VIEW explode(xs) v AS e WHERE e > 1
SELECT e AS x FROM nest LATERAL VIEW explode(xs) v AS e WHERE x > 1
SELECT explode(xs) AS x FROM nest WHERE x > 1
SELECT id AS x FROM range(5) WHERE x > 1
SELECT dept FROM (SELECT e.dept, d.dept FROM emp e JOIN dept d ON e.dept = d.dept)
SELECT t.dept FROM (SELECT * FROM emp e JOIN dept d ON e.dept = d.dept) t
SELECT title FROM (SELECT * FROM emp e JOIN dept d ON e.dept = d.dept) t WHERE dept = 'dev'
SELECT title, dept FROM (SELECT * FROM emp e JOIN dept d USING (dept)) t WHERE dept = 'dev'
WITH j AS (SELECT * FROM emp e JOIN dept d ON e.dept = d.dept) SELECT count(dept) FROM j
SELECT struct(*) AS s FROM dept
SELECT to_json(struct(*)) AS j FROM dept
SELECT struct(d.*) AS s FROM dept d
SELECT named_struct('a', 1, 'b', struct(*)) AS s FROM dept
SELECT to_json(struct(e.*)) AS j, d.title FROM emp e JOIN dept d ON e.dept = d.dept
SELECT struct(*).title AS t FROM dept
SELECT collect_list(struct(*)) AS l FROM (SELECT id, name FROM emp WHERE id < 3)
WITH t AS (SELECT id FROM emp) SELECT struct(*) AS s FROM t
SELECT struct(*) AS s FROM (SELECT e.id, d.title FROM emp e JOIN dept d ON e.dept = d.dept)
SELECT nest.s.*, id FROM nest
SELECT count(*), count(1) FROM emp
SELECT s, try_cast(s AS INT) i, try_cast(s AS BIGINT) l, try_cast(s AS TINYINT) b, try_cast(s AS DOUBLE) d, try_cast(s AS FLOAT) f, try_cast(s AS DECIMAL(10,2)) n FROM VALUES ('12'), (' 12 '), ('+5'), ('-7'), ('1.5'), ('1e3'), ('1E3'), ('.5'), ('5.'), (''), ('  '), ('abc'), ('0x1F'), ('1d'), ('1f'), ('1L'), ('NaN'), ('nan'), ('inf'), ('-Infinity'), ('Infinity'), ('1_000'), ('1,000'), ('--1'), ('9223372036854775808'), ('128'), ('-129'), ('1e400'), ('0.1e-400'), ('\t5\n'), ('00012'), ('1 2'), ('+'), ('1e'), ('12345678901234567890.123456789'), ('-0') AS t(s)
SELECT s, try_cast(s AS BOOLEAN) b FROM VALUES ('true'), ('T'), ('y'), ('yes'), ('on'), ('1'), ('0'), ('no'), ('off'), ('n'), ('f'), ('FALSE'), (' true '), ('tru'), ('2'), ('t ') AS t(s)
SELECT s, try_cast(s AS DATE) d, try_cast(s AS TIMESTAMP) t, try_cast(s AS TIMESTAMP_NTZ) n FROM VALUES ('2024'), ('2024-5'), ('2024-5-7'), ('2024-05-07'), ('2024-05-07T'), ('2024-05-07 12:00'), ('2024-05-07xyz'), ('2024-02-30'), ('0001-01-01'), ('+2024-01-01'), ('2024-13-01'), ('24-01-01'), ('2024/01/01'), ('20240101'), (' 2024-01-01 '), ('2024-01-01T10'), ('2024-1-1 1:2'), ('epoch'), ('now'), ('today'), ('2024-06-31') AS t(s)
SELECT s, try_cast(s AS DATE) d, try_cast(s AS TIMESTAMP) t, try_cast(s AS TIMESTAMP_NTZ) n, try_to_timestamp(s) y FROM VALUES ('2024-01-01 1:2:3'), ('2024-01-01T01:02:03Z'), ('2024-01-01 01:02:03+01:00'), ('2024-01-01 01:02:03 +01:00'), ('2024-01-01 01:02:03+0100'), ('2024-01-01 01:02:03+1'), ('2024-01-01 01:02:03 Europe/Zurich'), ('2024-01-01 01:02:03 UTC'), ('2024-01-01 01:02:03 UTC+3'), ('2024-01-01 01:02:03 GMT-05:30'), ('2024-01-01 01:02:03 EST'), ('2024-01-01 01:02:03 PST'), ('2024-01-01 01:02:03.1234567'), ('2024-01-01 01:02:03.1'), ('2024-10-27 02:30:00 Europe/Zurich'), ('2024-03-31 02:30:00 Europe/Zurich'), ('2024-01-01 24:00:00'), ('2024-01-01 23:60:00'), ('2024-01-01 23:59:60'), ('2024-01-01 01:02:03 America/New_York'), ('2024-11-03 01:30:00 America/New_York'), ('2024-01-01 01'), ('2024-01-01 01:02'), ('2024-01-01 01:02:03.'), ('2024-01-01 01:02:03.123456789'), ('2024-01-01T01:02:03.5+05:30'), ('2024-01-01 01:02:03z'), ('2024-01-01  01:02:03'), ('2024-01-01 01:02:03Z '), ('2024-04-07 02:30:00 Australia/Lord_Howe'), ('1900-01-01 00:00:00 Europe/Paris'), ('2024-01-01 01:02:03 Asia/Kolkata') AS t(s)
SELECT CAST(s AS DOUBLE) FROM (SELECT '1_000' AS s)
SELECT CAST(s AS INT) FROM (SELECT '0x1F' AS s)
SELECT CAST(s AS DATE) FROM (SELECT '24-01-01' AS s)
SELECT CAST(s AS DATE) FROM (SELECT '2024/01/01' AS s)
SELECT CAST(s AS DATE) FROM (SELECT '2024-05-07xyz' AS s)
SELECT CAST(s AS TIMESTAMP) FROM (SELECT '2024-01-01 24:00:00' AS s)
SELECT CAST(s AS TIMESTAMP) FROM (SELECT 'epoch' AS s)
SELECT CAST(s AS DATE) FROM (SELECT 'now' AS s)
SELECT try_cast(v AS DATE) FROM (SELECT 1 AS v)
SELECT try_cast(v AS TIMESTAMP) FROM (SELECT true AS v)
SELECT try_cast(v AS INT) FROM (SELECT date'2024-01-01' AS v)
SELECT try_cast(v AS TIMESTAMP_NTZ) FROM (SELECT 1.5D AS v)
SELECT try_cast(v AS INT) FROM (SELECT X'00' AS v)
SELECT try_cast(v AS BOOLEAN) FROM (SELECT timestamp'2024-01-01 00:00:00' AS v)
SELECT try_cast(v AS BINARY) FROM (SELECT 7 AS v)
SELECT CAST(v AS DECIMAL(20,3)), CAST(v AS BIGINT), CAST(v AS DOUBLE) FROM (SELECT timestamp'1969-12-31 23:59:59.7' AS v)
SELECT try_cast(v AS TIMESTAMP) FROM VALUES (1.5D), (double('NaN')), (1e38D) AS t(v)
SELECT CAST('2024-01-01 01:02:03+01:00' AS TIMESTAMP_NTZ), CAST('2024-10-27 02:30:00 Europe/Zurich' AS TIMESTAMP)
SELECT trunc('2024-05-17','MM'), date_trunc('week','2024-05-17'), next_day('2024-05-17', 'MON'), quarter('2024-05-17'), months_between('2024-05-17', '2024-01-01'), timestampdiff(DAY, '2024-01-01', '2024-02-01')
SELECT upper(1), length(12.50), lpad(5, 3, 0), rpad('x', 3, 1), repeat(1, 3), instr(123, 2), replace(1.5, '.', ','), locate(2, 123), endswith(12, 2)
SELECT left('ab', NULL), right('ab', NULL), space(CAST(NULL AS INT)), trim('x', 'xax'), ltrim('x', 'xax'), overlay('abc' PLACING 'X' FROM 0), overlay('abc' PLACING 'XY' FROM 2 FOR -1), year(NULL), upper(NULL)
SELECT 1 << 33, 1L << 65, -13 << 1, shiftleft(7, -1), shiftright(-8L, 65), -1 >>> 28, 2147483647 << 1
SELECT round(2147483647, -1)
SELECT round(2147483640, -1), round(-5, -1), bround(25, -1), round(127Y, -1)
SELECT round(x, y) FROM VALUES (1.5, 1) AS t(x, y)
SELECT 1.5D div 2
SELECT array(c0, c1) FROM VALUES (0.1F, 5L) AS t(c0, c1)
SELECT c0 / c1 FROM VALUES (1, 0.1F) AS t(c0, c1)
SELECT CASE WHEN c0 THEN c1 ELSE c2 END FROM VALUES (true, 127Y, 1.5F) AS t(c0, c1, c2)
SELECT c0 < c1, c0 <=> c1 FROM (SELECT named_struct('p', 1, 'q', 'u') AS c0, named_struct('p', CAST(NULL AS INT), 'q', 'v') AS c1)
SELECT array_except(a, b) FROM VALUES (array(5), CAST(NULL AS ARRAY<INT>)) AS t(a, b)
SELECT posexplode(c) AS x FROM (SELECT array(1) AS c)
SELECT hired - hired > INTERVAL 1 DAY FROM emp
SELECT * FROM emp NATURAL LEFT JOIN dept
SELECT * FROM emp NATURAL FULL OUTER JOIN dept
SELECT x = 1 FROM (SELECT true AS x)
SELECT * FROM (SELECT score > 1 AS x FROM emp) WHERE x = 1
SELECT * FROM VALUES (true, 1) AS t(a, b) WHERE a = b
SELECT x IN (1, 2) FROM (SELECT true AS x)
SELECT x BETWEEN 0 AND 1 FROM (SELECT true AS x)
SELECT CASE x WHEN 1 THEN 'a' END FROM (SELECT true AS x)
SELECT a.x FROM (SELECT true AS x) a JOIN (SELECT 1 AS y) b ON a.x = b.y
SELECT (SELECT true) = 1
SELECT array_contains(array(true), x) FROM (SELECT 1 AS x)
SELECT x + 1 FROM (SELECT true AS x)
SELECT x || 1 FROM (SELECT true AS x)
SELECT sum(x) FROM (SELECT true AS x)
SELECT avg(x) FROM (SELECT '2' AS x)
SELECT sum(x) FROM (SELECT '2' AS x)
SELECT sum(x) FROM (SELECT date'2024-01-01' AS x)
SELECT -x FROM (SELECT true AS x)
SELECT d = '2024-01-01' FROM (SELECT date'2024-01-01' AS d)
SELECT d > 1 FROM (SELECT date'2024-01-01' AS d)
SELECT d = 'x' FROM (SELECT date'2024-01-01' AS d)
SELECT n = '1.0' FROM (SELECT 1 AS n)
SELECT n = '1' FROM (SELECT 1.0 AS n)
SELECT s < 5 FROM (SELECT '10' AS s)
SELECT s < 5.5 FROM (SELECT '10' AS s)
SELECT max(s) FROM (SELECT '10' AS s UNION ALL SELECT 9)
SELECT x AND 1 FROM (SELECT true AS x)
SELECT NOT x FROM (SELECT 1 AS x)
SELECT * FROM (SELECT 1 AS x) WHERE x
SELECT IF(x, 1, 2) FROM (SELECT 1 AS x)
SELECT CASE WHEN x THEN 1 END FROM (SELECT 1 AS x)
SELECT format_string('%s|%5s|%-5s|', 1.5D, 12, 'ab'), format_string('%d|%,d|%05d|%+d', 5, 1234567, 42, 7), format_string('%x|%X|%o', -1, 255L, 8)
SELECT format_string('%s %s', NULL, true), format_string('100%%'), format_string('a%nb'), format_string('%c', 65), format_string('%b', true), format_string('%S', 'abc')
SELECT format_string('%d', 1.5D)
SELECT format_string('%d %d', 1)
SELECT format_string(name, id) FROM emp
SELECT format_string('%s has %d', name, salary) FROM emp
SELECT format_string('%s has %d', n, s) FROM (SELECT name n, salary s FROM emp)
SELECT format_string('%-8s|', x), format_string('%08.2f', y), format_string('%x', z) FROM VALUES ('ä日', -1.5D, -5L) AS t(x, y, z)
SELECT format_string('%1$s %1$s', 'a')
SELECT timestamp'2024-01-31 00:00:00' + make_interval(0,1,1,1,1,1,1.5) AS x
SELECT timestamp'2024-01-31 00:00:00' + make_dt_interval(1,2,3,4.5) AS x
SELECT date'2024-01-31' + make_interval(0,1) AS x
SELECT date'2024-01-31' + make_ym_interval(1,1) AS x
SELECT date'2024-01-31' + make_dt_interval(1) AS x
SELECT timestamp'2024-01-31 00:00:00' - make_ym_interval(1,1) AS x
SELECT date'2024-01-31' + INTERVAL '1-1' YEAR TO MONTH AS x
SELECT date'2024-01-31' + INTERVAL '1' MONTH * 2 AS x
SELECT date'2024-01-31' - INTERVAL 2 DAY * 3 AS x
SELECT timestamp'2024-01-31 00:00:00' + INTERVAL 1 DAY * 2.5 AS x
SELECT timestamp'2024-01-31 00:00:00' + INTERVAL 2 HOURS / 4 AS x
SELECT hired + make_interval(0, id) AS x FROM emp
SELECT hired + make_ym_interval(0, id) AS x, hired - make_dt_interval(id) AS y FROM emp
SELECT h + make_interval(0, i) AS x FROM (SELECT hired h, id i FROM emp)
SELECT h + make_dt_interval(i) AS x, h + INTERVAL 1 MONTH * i AS y FROM (SELECT hired h, id i FROM emp)
SELECT h + INTERVAL 1 DAY * i AS y FROM (SELECT hired h, id i FROM emp)
SELECT ts + i * INTERVAL 1 HOUR AS y FROM (SELECT ts, id i FROM ev)
SELECT ts + make_dt_interval(0, n) AS y FROM ev
SELECT date'2024-01-31' - date'2024-01-01' > INTERVAL 3 DAYS AS x
SELECT ts - timestamp'2024-01-31 00:00:00' > INTERVAL 1 DAY AS x FROM ev
SELECT substring(X'416263',2,5), substring(X'416263',-2,1), substring(X'416263',0,2), substring(X'416263',2), substring(X'416263',1,-1), substring(X'416263', 5)
SELECT b, substring(b, p, 2) FROM VALUES (X'41626364', -3), (X'', 1), (NULL, 2) AS t(b, p)
SELECT chr(65), chr(0), chr(-1), chr(321), char(x) FROM VALUES (66L) AS t(x)
SELECT levenshtein('kitten', 'sitting', 2), levenshtein('kitten', 'sitting', 3), levenshtein(NULL, 'a', 1)
SELECT levenshtein(a, b, c) FROM VALUES ('ab', 'ba', 2), ('abc', NULL, 1) AS t(a, b, c)
SELECT schema_of_json('{"a": 1, "b": [1.5, null], "c": {"d": "x"}}')
SELECT schema_of_json('[1, 2]')
SELECT schema_of_json('[]')
SELECT schema_of_json('{}')
SELECT schema_of_json('null')
SELECT schema_of_json('[1, "a"]')
SELECT schema_of_json('[{"a":1},{"b":"x"}]')
SELECT schema_of_json('[1, 2.5]')
SELECT schema_of_json('{"a": 12345678901234567890}')
SELECT schema_of_json('{"a b": 1, "A": true, "d": "2024-01-01"}')
SELECT schema_of_json('x')
SELECT schema_of_json('')
SELECT schema_of_json('{"a":')
SELECT schema_of_json(info) FROM orders
SELECT schema_of_json('{"a": -0.5e3, "b": 1.0}')
SELECT schema_of_json('true'), schema_of_json('1.5'), schema_of_json('"s"')
SELECT schema_of_json('{"b":1,"a":2}')
SELECT schema_of_json('[[1],[2.5]]')
SELECT schema_of_json('[{"a":1},{"a":"x"},{"a":null}]')
SELECT schema_of_json('[null, {"a": 1}]')
SELECT schema_of_json('[1, {"a": 1}]')
SELECT * FROM emp UNPIVOT (v FOR k IN (id, salary))
SELECT * FROM emp UNPIVOT INCLUDE NULLS (v FOR k IN (salary, score))
SELECT * FROM emp UNPIVOT INCLUDE NULLS (v FOR k IN (salary, bonus))
SELECT * FROM emp UNPIVOT (v FOR k IN (salary, bonus, score))
SELECT * FROM emp UNPIVOT INCLUDE NULLS (v FOR k IN (salary, hired))
SELECT * FROM emp UNPIVOT ((v, w) FOR k IN ((id, salary), (salary, id)))
SELECT * FROM emp UNPIVOT ((v, w) FOR k IN ((id, salary) AS x, (salary, id) AS y))
SELECT k, sum(v) FROM emp UNPIVOT (v FOR k IN (id, salary)) GROUP BY k
SELECT u.k, u.v FROM emp UNPIVOT (v FOR k IN (id, salary)) AS u WHERE u.v > 3
SELECT u.k, d.title FROM emp UNPIVOT (v FOR k IN (id, salary)) u JOIN dept d ON u.dept = d.dept
SELECT * FROM (SELECT id, name, dept FROM emp) UNPIVOT (v FOR k IN (name, dept))
SELECT * FROM emp UNPIVOT INCLUDE NULLS ((a, b) FOR k IN ((name, salary), (dept, bonus)))
SELECT k, v FROM emp UNPIVOT (v FOR k IN (nope))
SELECT sum(salary) OVER w, id FROM emp WINDOW w AS (PARTITION BY dept ORDER BY id)
SELECT sum(salary) OVER w + 1, rank() OVER v FROM emp WINDOW w AS (PARTITION BY dept), v AS (ORDER BY id DESC)
SELECT id, first_value(name) IGNORE NULLS OVER (ORDER BY id DESC) FROM emp
SELECT id, last_value(name) OVER (ORDER BY id) FROM emp
SELECT id, sum(bonus) OVER (ORDER BY hired RANGE BETWEEN INTERVAL 1 YEAR PRECEDING AND CURRENT ROW) FROM emp
SELECT * FROM emp NATURAL RIGHT OUTER JOIN dept
SELECT title, id FROM emp NATURAL INNER JOIN dept WHERE id < 3
SELECT NULL AS a UNION ALL SELECT NULL
SELECT NULL AS a UNION ALL SELECT 'x'
SELECT CASE WHEN id > 1 THEN NULL END AS x FROM emp
SELECT x FROM (SELECT NULL AS x) WHERE x IS NULL
SELECT x, count(*) FROM (SELECT NULL AS x) GROUP BY x
SELECT a.x FROM (SELECT NULL AS x) a LEFT JOIN (SELECT 1 AS x) b ON a.x = b.x
SELECT * FROM (SELECT NULL AS x, 1 AS y) ORDER BY x
SELECT typeof(x) FROM (SELECT NULL AS x)
SELECT upper(x) u, length(x) l, abs(x) a, date_add(x, 1) d, year(x) y, if(x, 1, 2) i, x AND true b, NOT x n FROM (SELECT NULL AS x)
SELECT CAST(x AS STRING) s, CAST(x AS INT) i, CAST(x AS DATE) d FROM (SELECT NULL AS x)
SELECT named_struct('a', x, 'b', 1) s FROM (SELECT NULL AS x)
SELECT x IN (1, 2) a, x BETWEEN 1 AND 2 b, x LIKE 'a' c, x <=> NULL d, coalesce(x, NULL) e, coalesce(x, 1.5) f FROM (SELECT NULL AS x)
SELECT lag(x) OVER (ORDER BY y) l, first(x) OVER (ORDER BY y) f FROM (SELECT NULL AS x, 1 AS y)
SELECT NULL IS NULL a, typeof(NULL) b, NULL <=> NULL c
SELECT id, NULL AS n FROM emp
SELECT to_number('454', '99999')
SELECT to_number('454', '99,999')
SELECT to_number('12,454', '99,999')
SELECT to_number('1,2454', '99,999')
SELECT to_number('454', '999.99')
SELECT to_number('454.1', '999.99')
SELECT to_number('454.', '999.99')
SELECT to_number('.5', '9.9')
SELECT to_number('.5', '.9')
SELECT to_number('-454', 'S999')
SELECT to_number('-454', 'MI999')
SELECT to_number('+454', 'S999')
SELECT to_number('454', 'S999')
SELECT to_number('454-', '999S')
SELECT to_number('454+', '999MI')
SELECT to_number('-454', '999')
SELECT to_number('$454', '$999')
SELECT to_number('454', '$999')
SELECT to_number('-$454', 'S$999')
SELECT to_number('<454>', '999PR')
SELECT to_number('454', '999PR')
SELECT to_number('054', '000')
SELECT to_number('54', '000')
SELECT to_number('0054', '999')
SELECT to_number(' 54', '999')
SELECT to_number('', '999')
SELECT to_number('54', '099')
SELECT to_number('054', '099')
SELECT to_number('54', '909')
SELECT to_number('12G454', '99G999')
SELECT to_number('12D4', '99D9')
SELECT to_number('12.4', '99D9')
SELECT to_number('12.40', '99.9')
SELECT to_number('12.4', '99.000')
SELECT to_number('12', '99.')
SELECT to_number('12.', '99.')
SELECT to_number('1e2', '999')
SELECT to_number('12', 'x99')
SELECT to_number('12', '')
SELECT to_number('12', '9S9')
SELECT to_number(txt, '99') FROM ev WHERE id < 3
SELECT try_to_number(txt, '99') FROM ev
SELECT try_to_number('12,454.8-', '99,999.9S')
SELECT * FROM (SELECT id, dept, salary FROM emp) PIVOT (sum(salary), max(id) FOR dept IN ('dev', 'ops'))
SELECT * FROM (SELECT dept, salary FROM emp) PIVOT (sum(salary), count(*) AS n, avg(salary) + 1 FOR dept IN ('dev' AS d, 'ops' AS o))
SELECT 1 IN (SELECT true)
SELECT id FROM emp WHERE id IN (SELECT score > 1 FROM emp)
SELECT id FROM emp WHERE id NOT IN (SELECT score > 1 FROM emp)
SELECT id FROM emp e WHERE id IN (SELECT id FROM nest n WHERE n.id = e.id)
SELECT id FROM emp WHERE hired IN (SELECT 1)
SELECT id FROM emp WHERE dept IN (SELECT dept FROM dept) AND id IN (SELECT id FROM nest)
SELECT id FROM emp WHERE id IN (SELECT budget FROM dept)
SELECT id FROM emp WHERE id IN (SELECT 1.0)
SELECT id, id IN (SELECT id FROM nest) AS x FROM emp
SELECT dept, count(*) IN (SELECT 2L) AS x FROM emp GROUP BY dept
SELECT count(*) FROM emp WHERE id IN (SELECT id FROM nest WHERE id IN (SELECT oid FROM orders))
WITH w AS (SELECT id FROM nest) SELECT count(*) FROM emp WHERE id IN (SELECT id FROM w)
SELECT id FROM emp WHERE (id, dept) IN (SELECT id, dept FROM emp WHERE id < 3)
SELECT id FROM emp WHERE NULL IN (SELECT id FROM nest)
