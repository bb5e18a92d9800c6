/** How often a law is tried. */

/** The project `thorough` of `vitest.config.ts` sets it; set it yourself to search through a night. */
const FACTOR = Number(process.env['FUZZ_FACTOR'] ?? 0.4)

/** Less than half as often as its file says in `npm test`, which is to be quick, and a multiple of that in `npm run check`. */
export function runs(usual: number): number {
  return Math.ceil(usual * FACTOR)
}
