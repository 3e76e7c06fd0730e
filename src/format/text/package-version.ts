// format/text/package-version.ts: the version of this package, which each commit it makes carries in `engineInfo`.

/** As in package.json. */
export const packageVersion = "0.1.0";
