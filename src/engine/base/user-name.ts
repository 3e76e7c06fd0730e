// engine/base/user-name.ts: the user of the operating system, as Spark's current_user() has it.
import { userInfo } from "node:os";

/** The name under which this process runs; `unknown` where the system has none for it. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return "unknown"; // a user id without an entry, as containers have
  }
}
