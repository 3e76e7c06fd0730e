// What a source file imports, in every way that TypeScript has.
import { nodesOf, type SourceFile } from "./source.ts";

/** One import or re-export of another file or package. */
export interface Import {
  readonly target: string;
  readonly at: number;
  /** `import type`, `export type` or `import("…")` as a type: nothing of it is left when the program runs. */
  readonly isType: boolean;
  /** `import("…")`: loaded when the program comes by, not with the file. */
  readonly isLater: boolean;
}

/** All imports of a file: static ones, re-exports, and those called for. */
export function importsOf(file: SourceFile): readonly Import[] {
  const { module, program } = file.parsed;
  const declared = [
    ...module.staticImports.map(({ start, moduleRequest }) => ({ start, request: moduleRequest })),
    ...module.staticExports.flatMap(({ start, entries }) =>
      entries.map(({ moduleRequest }) => ({ start, request: moduleRequest })),
    ),
  ].flatMap(({ start, request }) => {
    if (request === null) return [];
    const isType = declaresType.test(file.text.slice(start));
    return [{ target: request.value, at: request.start, isType, isLater: false }];
  });
  const called = [...nodesOf(program)]
    .filter((node) => node.type === "ImportExpression" || node.type === "TSImportType")
    .map((node) => ({ source: node["source"] ?? node["argument"], isType: node.type === "TSImportType" }))
    .map(({ source, isType }) => ({ source: source as { value?: unknown; start: number }, isType }))
    .map(({ source, isType }) => ({ target: String(source.value), at: source.start, isType, isLater: !isType }));
  return [...declared, ...called];
}

const declaresType = /^(?:import|export)\s+type\b/u;
