// engine/files/local-path.ts: paths as people give them.
import { resolve } from "node:path";
import { AlluviumError } from "../../format/text/error.ts";

/**
 * The absolute path of a folder or file of this machine: a path, relative to the working directory or absolute, or a `file:` URL.
 * @throws AlluviumError `INVALID_ARGUMENT` for an empty path or a URL that cannot be read, `UNSUPPORTED_FEATURE` for a URL of anything else
 */
export function localPath(path: string): string {
  if (path.trim() === "") throw new AlluviumError("INVALID_ARGUMENT", { path }, "a path is empty; name a folder");
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(path)?.[1];
  if (scheme !== undefined && scheme.toLowerCase() !== "file") {
    const message = `${path} lies on another file system (${scheme}:), and this build reads and writes local files only; give the path of a folder of this machine`;
    throw new AlluviumError("UNSUPPORTED_FEATURE", { path, features: `${scheme}: paths` }, message);
  }
  if (!/^file:/i.test(path)) return resolve(path);
  try {
    return resolve(decodeURIComponent(path.replace(/^file:(\/\/)?/i, "")));
  } catch (cause) {
    const message = `${path} is no file: URL: a % in it is not followed by two digits of an escape; write %25 for a % sign, or give the plain path`;
    throw new AlluviumError("INVALID_ARGUMENT", { path }, message, { cause });
  }
}
