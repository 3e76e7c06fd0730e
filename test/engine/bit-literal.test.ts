// test/engine/bit-literal.test.ts: strings of bits are part of a statement's text, and travel as values where that is faster.
import { expect, test } from "vitest";
import { bitLiteral, liftBits } from "../../src/engine/duckdb/bit-literal.ts";
import { testEngine } from "../reader/table-of-files.ts";

const engine = testEngine();
const literals = [Buffer.of(0x80, 0x01), Buffer.alloc(5000, 0x55)].map(bitLiteral);
const bits = `get_bit(${literals[0]}, 0) AS a, get_bit(${literals[0]}, 14) AS b, get_bit(${literals[1]}, 39999) AS c`;

test("the bits of a query are the same in its text and as values", async () => {
  await using connection = await engine.sql.connect();
  expect(liftBits(`SELECT ${bits}`)?.sql).not.toContain("base64");
  const expected = [{ a: 1, b: 0, c: 1 }];
  expect(await connection.rows(`SELECT ${bits}`)).toEqual(expected);
  expect(liftBits(`FROM (SELECT ${bits})`)).toBeNull();
  expect(await connection.rows(`FROM (SELECT ${bits})`)).toEqual(expected);
});

test("a statement that is no query, has no bits, or only speaks of them, stays as it is", async () => {
  expect(liftBits(`CREATE TABLE t AS SELECT ${bits}`)).toBeNull();
  expect(liftBits("SELECT 1")).toBeNull();
  const quoted = `SELECT '${literals[0]?.replaceAll("'", "''")}' AS text`;
  expect(liftBits(quoted)).toBeNull();
  await using connection = await engine.sql.connect();
  expect(await connection.rows(quoted)).toEqual([{ text: literals[0] }]);
});
