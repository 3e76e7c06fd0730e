// expression/tree/column-path.ts: columns as programs name them: `author`, `place.city`, `` `a.b`.c ``. Spark's
// UnresolvedAttribute.parseAttributeName.
import { AlluviumError } from "../../format/text/error.ts";

/**
 * The parts of a name: dots stand between them, unless they are between backticks, in which two stand for one.
 * @throws AlluviumError `INVALID_ARGUMENT` for a part without letters, or a backtick that is not closed
 */
export function columnPath(name: string): readonly string[] {
  const parts = [...name.matchAll(part)].map(([whole, quoted]) => quoted?.replaceAll("``", "`") ?? whole);
  const length = [...name.matchAll(part)].reduce((sum, [whole]) => sum + whole.length, parts.length - 1);
  if (parts.length > 0 && length === name.length) return parts;
  const message = `${JSON.stringify(name)} is no name of a column; parts are separated by dots, and one with a dot or a backtick in it goes in backticks: \`a.b\`.c`;
  throw new AlluviumError("INVALID_ARGUMENT", { name }, message);
}

const part = /(?<=^|\.)(?:`((?:[^`]|``)+)`|[^.`]+)(?=\.|$)/gu;
