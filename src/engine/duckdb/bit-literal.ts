// engine/duckdb/bit-literal.ts: long strings of bits in statements. They are part of the text, so that a relation is whole by itself;
// but DuckDB's parser takes about as long over a character as its scan over a row, so that queries hand them over as values.

/** A value of DuckDB's type BIT, of 8 bits a byte, the highest first. */
export function bitLiteral(bytes: Buffer): string {
  return `${head}${bytes.toString("base64")}${tail}`;
}

/** A query with its strings of bits as parameters, by name. */
export interface LiftedQuery {
  readonly sql: string;
  /** DuckDB's own form of each. */
  readonly bits: Readonly<Record<string, Uint8Array>>;
}

/** Null where a text has no long strings of bits, or is no query: other statements take no parameters, or are long at work. */
export function liftBits(sql: string): LiftedQuery | null {
  let at = sql.startsWith("SELECT ") ? sql.indexOf(head) : -1;
  if (at < 0) return null;
  const bits: Record<string, Uint8Array> = {};
  const parts: string[] = [];
  let end = 0;
  for (; at >= 0; at = sql.indexOf(head, end)) {
    const from = at + head.length;
    const to = sql.indexOf(tail, from);
    if (to < 0 || sql[from] === "'") return null;
    const name = `alluvium_bits_${parts.length}`;
    parts.push(sql.slice(end, at), `$${name}`);
    bits[name] = storedBits(sql.slice(from, to));
    end = to + tail.length;
  }
  return { sql: parts.join("") + sql.slice(end), bits };
}

// Nobody else writes the comment; in a text of a user's that quotes all this, a second quote follows the first.
const head = "CAST(from_base64(/*bits*/'";
const tail = "') AS BIT)";

/** The number of bits that fill up the first byte stands before them. */
function storedBits(base64: string): Uint8Array {
  const bytes = Buffer.from(base64, "base64");
  const data = new Uint8Array(bytes.length + 1);
  data.set(bytes, 1);
  return data;
}
