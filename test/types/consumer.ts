// Compiled, never run: a project without Node's types that uses the package as published (dist/index.d.ts).
// It fails when the declarations need an ambient type that the consumer may not have.
import * as alluvium from "alluvium";

export const surface: typeof alluvium = alluvium;
