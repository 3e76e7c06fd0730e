// The public surface as text: every declaration that a user of the package can reach from its root.
import { type SourceFile, type SyntaxNode, nodesOf } from "./source.ts";

/** Where a name is declared: a file of ours, or a package. */
type Origin = { readonly kind: "ours"; readonly path: string; readonly name: string } | { readonly kind: "package" };

interface Declarations {
  readonly file: SourceFile;
  readonly byName: ReadonlyMap<string, readonly SyntaxNode[]>;
  readonly importedNames: ReadonlyMap<string, Origin>;
  readonly exportedNames: ReadonlyMap<string, Origin>;
}

/**
 * Follows the exports of the entry file through all declarations they mention.
 * @param files declaration files (.d.ts), among them the entry
 * @returns the text on record: first the exports, then each reachable declaration under its file, without comments
 */
export function surfaceOf(files: readonly SourceFile[], entryPath: string): string {
  const modules = new Map(files.map((file) => [file.path, declarationsOf(file)]));
  const entry = modules.get(entryPath);
  if (entry === undefined) throw new Error(`${entryPath} is missing: compile first`);
  const reached = new Map<string, string>();
  const waiting: Origin[] = [...entry.exportedNames.values()];
  for (let origin = waiting.pop(); origin !== undefined; origin = waiting.pop()) {
    const found = resolve(modules, origin);
    if (found === undefined || reached.has(`${found.path} ${found.name}`)) continue;
    reached.set(`${found.path} ${found.name}`, found.text);
    waiting.push(...found.mentions);
  }
  const exported = [...entry.exportedNames.keys()].toSorted().map((name) => `export ${name}\n`);
  const declared = [...reached].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, text]) => `\n// ${key}\n${text}\n`);
  return [...exported, ...declared].join("");
}

interface Found {
  readonly path: string;
  readonly name: string;
  readonly text: string;
  readonly mentions: readonly Origin[];
}

function resolve(modules: ReadonlyMap<string, Declarations>, origin: Origin): Found | undefined {
  if (origin.kind === "package") return undefined;
  const module = modules.get(origin.path);
  if (module === undefined) throw new Error(`${origin.path} is missing: compile first`);
  const statements = module.byName.get(origin.name);
  if (statements === undefined) {
    const further = module.importedNames.get(origin.name) ?? module.exportedNames.get(origin.name);
    return further === undefined ? undefined : resolve(modules, further);
  }
  const mentioned = new Set(
    [...nodesOf(statements)].filter((node) => node.type === "Identifier").map((node) => String(node["name"])),
  );
  const mentions = [...mentioned].flatMap((name): Origin[] => {
    if (module.byName.has(name)) return [{ kind: "ours", path: origin.path, name }];
    const imported = module.importedNames.get(name);
    return imported === undefined ? [] : [imported];
  });
  const text = statements.map((statement) => withoutComments(module.file, statement)).join("\n");
  return { path: origin.path, name: origin.name, text, mentions };
}

function declarationsOf(file: SourceFile): Declarations {
  const { module, program } = file.parsed;
  const byName = new Map<string, SyntaxNode[]>();
  for (const statement of program.body as unknown as readonly SyntaxNode[]) {
    for (const name of namesOf((statement["declaration"] ?? statement) as SyntaxNode)) {
      byName.set(name, [...(byName.get(name) ?? []), statement]);
    }
  }
  const importedNames = new Map(
    module.staticImports.flatMap((found) =>
      found.entries.map((entry): [string, Origin] => [
        entry.localName.value,
        originOf(file.path, found.moduleRequest.value, entry.importName.name ?? entry.localName.value),
      ]),
    ),
  );
  const exportedNames = new Map(
    module.staticExports
      .flatMap((found) => found.entries)
      .map((entry): [string, Origin] => {
        const name = entry.importName.name ?? entry.localName.name ?? "";
        const target = entry.moduleRequest?.value;
        if (entry.exportName.name === null)
          throw new Error(`${file.path}: export * hides the surface; name the exports`);
        return [
          entry.exportName.name,
          target === undefined ? { kind: "ours", path: file.path, name } : originOf(file.path, target, name),
        ];
      }),
  );
  return { file, byName, importedNames, exportedNames };
}

function originOf(path: string, target: string, name: string): Origin {
  if (!target.startsWith(".")) return { kind: "package" };
  const resolved = new URL(target.replace(/\.(ts|js)$/, ".d.ts"), `file:///${path}`);
  return { kind: "ours", path: resolved.pathname.slice(1), name };
}

function namesOf(declaration: SyntaxNode): readonly string[] {
  if (declaration.type === "ImportDeclaration") return [];
  const declarators = (declaration["declarations"] ?? [declaration]) as SyntaxNode[];
  return declarators.flatMap((one) => {
    const id = one["id"] as SyntaxNode | null | undefined;
    return id?.type === "Identifier" ? [String(id["name"])] : [];
  });
}

function withoutComments(file: SourceFile, statement: SyntaxNode): string {
  const inside = file.parsed.comments.filter(({ start, end }) => start >= statement.start && end <= statement.end);
  const text = inside.reduceRight(
    (rest, { start, end }) => rest.slice(0, start - statement.start) + rest.slice(end - statement.start),
    file.text.slice(statement.start, statement.end),
  );
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  return lines.map((line) => line.trimEnd().replace(/^( +)/, (space) => " ".repeat(space.length / 2))).join("\n");
}
