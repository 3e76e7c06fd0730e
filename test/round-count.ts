// How hard the proofs that take chances try. `ALLUVIUM_ROUNDS` says how often real processes are killed; random cases are a quarter of
// that, for each of them goes through a whole history.
const asked = process.env["ALLUVIUM_ROUNDS"];

/** How often to kill: `usual` in a plain run. */
export function killCount(usual: number): number {
  return asked === undefined ? usual : Number(asked);
}

/** How many random cases: `usual` in a plain run, and never fewer. */
export function roundCount(usual: number): number {
  return asked === undefined ? usual : Math.max(usual, Math.ceil(Number(asked) / 4));
}
