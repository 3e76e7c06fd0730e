// How hard the proofs that take chances try.

/** How many rounds: `usual` in a plain run; `ALLUVIUM_ROUNDS` says otherwise. */
export function roundCount(usual: number): number {
  const text = process.env["ALLUVIUM_ROUNDS"];
  return text === undefined ? usual : Number(text);
}
