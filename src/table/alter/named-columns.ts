// table/alter/named-columns.ts: table properties that name columns, kept true when a column gets another name or goes.
import { type ColumnPath, pathText } from "../../format/schema/edit-schema.ts";
import { parseColumnList } from "../../format/schema/column-list.ts";

/** The properties after a column was renamed; null for one that is gone. */
export function renameInProperties(
  configuration: ReadonlyMap<string, string>,
  path: ColumnPath,
  to: string | null,
): ReadonlyMap<string, string> {
  const text = configuration.get(listProperty);
  const named = text === undefined ? null : parseColumnList(text);
  if (named === null) return configuration;
  const isBelow = (one: ColumnPath): boolean =>
    path.every((part, index) => one[index]?.toLowerCase() === part.toLowerCase());
  const renamed = named.flatMap((one): readonly ColumnPath[] => {
    if (!isBelow(one)) return [one];
    return to === null ? [] : [[...one.slice(0, path.length - 1), to, ...one.slice(path.length)]];
  });
  return new Map(configuration).set(listProperty, renamed.map(pathText).join(","));
}

const listProperty = "delta.dataSkippingStatsColumns";
