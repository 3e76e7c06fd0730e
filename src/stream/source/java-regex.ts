// stream/source/java-regex.ts: regular expressions written for Java, run by JavaScript where both mean the same.
import { AlluviumError, messageOf } from "../../format/text/error.ts";

/**
 * Compiles an expression that is searched for anywhere in a path. What JavaScript would understand in another way than
 * Java is refused, never bent.
 * @throws AlluviumError `DELTA_REGEX_OPT_SYNTAX_ERROR`
 */
export function compileJavaRegex(text: string, option: string): RegExp {
  const { flags, body } = splitFlags(text);
  try {
    return new RegExp(translate(body), `u${flags}`);
  } catch (cause) {
    const why = messageOf(cause);
    const message = `the option ${option}='${text}' is no regular expression that can be used: ${why}`;
    throw new AlluviumError("DELTA_REGEX_OPT_SYNTAX_ERROR", { option, value: text }, message, { cause });
  }
}

/** Takes `(?i)`, `(?m)`, `(?s)` (and `(?u)`, which is always on) off the front. */
function splitFlags(text: string): { readonly flags: string; readonly body: string } {
  const match = /^\(\?([imsu]+)\)/.exec(text);
  if (match === null) return { flags: "", body: text };
  const flags = [...new Set(match[1])].filter((letter) => letter !== "u").join("");
  return { flags, body: text.slice(match[0].length) };
}

/** Letters after a backslash that mean the same in both languages. */
const sharedEscapes = /[dDwWsSbBtnrfvcxukpP0-9]/;
/** What needs a backslash in JavaScript's strict mode; every other sign stands for itself. */
const syntaxSigns = /[\^$\\.*+?()[\]{}|/-]/;
const javaAnchors: ReadonlyMap<string, string> = new Map([
  ["A", "(?<![\\s\\S])"],
  ["z", "(?![\\s\\S])"],
  ["Z", "(?=\\n?(?![\\s\\S]))"],
]);

function translate(body: string): string {
  let out = "";
  let isInClass = false;
  for (let at = 0; at < body.length;) {
    const sign = String.fromCodePoint(body.codePointAt(at) ?? 0);
    if (sign === "\\") {
      const escape = readEscape(body, at, isInClass);
      out += escape.text;
      at = escape.next;
      continue;
    }
    if (isInClass && (sign === "[" || body.startsWith("&&", at)))
      throw new Error("classes inside classes are not supported");
    if (sign === "[") isInClass = true;
    if (sign === "]") isInClass = false;
    out += sign;
    at += sign.length;
  }
  return out;
}

function readEscape(body: string, at: number, isInClass: boolean): { readonly text: string; readonly next: number } {
  const code = body.codePointAt(at + 1);
  if (code === undefined) throw new Error("it ends in a backslash");
  const sign = String.fromCodePoint(code);
  if (sign === "Q") {
    const end = body.indexOf("\\E", at + 2);
    const quoted = body.slice(at + 2, end < 0 ? body.length : end);
    const text = quoted.replace(/[\^$\\.*+?()[\]{}|/]/g, "\\$&");
    return { text: isInClass ? text.replaceAll("-", "\\-") : text, next: end < 0 ? body.length : end + 2 };
  }
  const next = at + 1 + sign.length;
  const anchor = javaAnchors.get(sign);
  if (anchor !== undefined && !isInClass) return { text: anchor, next };
  if (/[A-Za-z0-9]/.test(sign)) {
    if (!sharedEscapes.test(sign)) throw new Error(`\\${sign} is not supported`);
    return { text: `\\${sign}`, next };
  }
  const needsBackslash = syntaxSigns.test(sign) && (sign !== "-" || isInClass);
  return { text: needsBackslash ? `\\${sign}` : sign, next };
}
