// log/state/file-key.ts: what makes two file actions speak of the same logical file. PROTOCOL.md, "Action Reconciliation".
import type { DeletionVectorDescriptor } from "../../format/action/action.ts";

/**
 * Key of the logical file `(path, deletionVector.uniqueId)`. Two spellings of one path (percent-encoded or not, with
 * `file:` or not) give the same key, as the reference implementation has it; a relative path stays relative.
 */
export function fileKey(action: { readonly path: string; readonly deletionVector?: DeletionVectorDescriptor }): string {
  const path = canonicalPath(action.path);
  const vector = action.deletionVector;
  return vector === undefined ? path : `${path}\0${deletionVectorId(vector)}`;
}

/** Id of a deletion vector. PROTOCOL.md, "Deletion Vectors", "Derived Fields". */
export function deletionVectorId(vector: DeletionVectorDescriptor): string {
  const base = `${vector.storageType}${vector.pathOrInlineDv}`;
  return vector.offset === undefined ? base : `${base}@${vector.offset}`;
}

/** A path as the log spells it, decoded, without the scheme of local files. */
export function canonicalPath(path: string): string {
  const decoded = path.includes("%") ? path.replace(percentRun, decodeRun) : path;
  return decoded.startsWith("file:/") ? decoded.replace(fileScheme, "/") : decoded;
}

const percentRun = /(?:%[0-9a-fA-F]{2})+/g;
const fileScheme = /^file:\/+/;

function decodeRun(run: string): string {
  try {
    return decodeURIComponent(run);
  } catch {
    return run; // not UTF-8: such a path can only be compared as it is spelled
  }
}
