// session/names/unique-names.ts: columns of one name. They can be read by their places; by name none of them can.
import { AlluviumError } from "../../format/text/error.ts";

/** @throws AlluviumError `DELTA_DUPLICATE_COLUMNS_FOUND` for two columns of one name, in any case */
export function requireUniqueNames(
  { fields }: { readonly fields: readonly { readonly name: string }[] },
  query?: string,
): void {
  const seen = new Set<string>();
  for (const { name } of fields) {
    if (seen.has(name.toLowerCase())) {
      const message = `there are two columns named ${JSON.stringify(name)}; name them apart with AS or toDF. show(), toArrow() and batches() take them by their places`;
      throw new AlluviumError("DELTA_DUPLICATE_COLUMNS_FOUND", { column: name, query }, message);
    }
    seen.add(name.toLowerCase());
  }
}
