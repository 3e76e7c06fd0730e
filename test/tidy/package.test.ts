// package.json and package-lock.json: exact versions, no address of any registry, only what a room asks for.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { rooms } from "./room-table.ts";
import { root } from "./source.ts";

interface Manifest {
  readonly [key: string]: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string; readonly resolved?: string }>>;
}

const manifest = JSON.parse(readFileSync(`${root}package.json`, "utf8")) as Manifest;
const lock = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")) as Lock;

function versionViolations({ dependencies = {}, devDependencies = {} }: Manifest): readonly string[] {
  return Object.entries({ ...dependencies, ...devDependencies })
    .filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
    .map(([name, version]) => `package.json: ${name} is "${version}"; name one exact version`);
}

function lockViolations({ packages }: Lock): readonly string[] {
  return Object.entries(packages).flatMap(([path, { version, resolved }]) => [
    ...(resolved === undefined ? [] : [`package-lock.json: ${path} has "resolved"; run npm install with this .npmrc`]),
    ...(version === undefined ? [`package-lock.json: ${path} has no version; write its exact version`] : []),
  ]);
}

function dependencyViolations({ dependencies = {} }: Manifest): readonly string[] {
  const allowed = new Set(Object.values(rooms).flatMap((room) => room.packages));
  return Object.keys(dependencies)
    .filter((name) => !allowed.has(name))
    .map((name) => `package.json: no room may import ${name}; remove it, or write a decision and add it to a room`);
}

test("every dependency has one exact version", () => {
  expect(versionViolations(manifest)).toEqual([]);
});

test("the lock file names versions and no registry", () => {
  expect(lockViolations(lock)).toEqual([]);
  expect(readFileSync(`${root}.npmrc`, "utf8")).toContain("omit-lockfile-registry-resolved=true");
});

test("every dependency at run time belongs to a room", () => {
  expect(dependencyViolations(manifest)).toEqual([]);
  const known = new Set(Object.keys(manifest.dependencies ?? {}));
  const wanted = Object.values(rooms).flatMap((room) => room.packages.filter((name) => !name.startsWith("node:")));
  expect(wanted.filter((name) => !known.has(name))).toEqual([]);
});

test("the package has one door, one command, and runs nothing when it is installed", () => {
  expect(manifest).toMatchObject({
    name: "alluvium",
    type: "module",
    license: "Apache-2.0",
    engines: { node: ">=20.19" },
    bin: { alluvium: "dist/cli.js" },
    exports: { ".": { types: "./dist/index.d.ts", default: "./dist/index.js" } },
  });
  for (const name of ["preinstall", "install", "postinstall"]) expect(manifest.scripts).not.toHaveProperty(name);
});

test.each(["^1.2.3", "~1.2.3", "1.x", "*", "latest", ">=1.0.0", "file:../x"])(
  "a planted version that is not exact is caught: %s",
  (version) => {
    expect(versionViolations({ dependencies: { planted: version } })).toHaveLength(1);
    expect(versionViolations({ devDependencies: { planted: version } })).toHaveLength(1);
  },
);

test("a planted registry address, a missing version and a package without a room are caught", () => {
  const address = "https://registry.example/a.tgz";
  expect(lockViolations({ packages: { "node_modules/a": { version: "1.0.0", resolved: address } } })).toHaveLength(1);
  expect(lockViolations({ packages: { "node_modules/a": {} } })).toHaveLength(1);
  expect(dependencyViolations({ dependencies: { "left-pad": "1.0.0" } })).toHaveLength(1);
});
