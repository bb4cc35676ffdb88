/** Whether every test runs in its long form, which `npm run long -- tests` sets. */
const IS_LONG = process.env["TEST_SIZE"] === "long";

/** The size of a test: `short` in `npm test`, `long` in its long form. */
export const sized = (short: number, long: number): number => (IS_LONG ? long : short);

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * A sample of a table: in `npm test` every `parts`-th item, with a different start each week, so that all items are tested in `parts` weeks; in
 * the long form all items.
 */
export function weekly<T>(items: readonly T[], parts: number): readonly T[] {
  const first = Math.floor(Date.now() / WEEK_MS) % parts;
  return IS_LONG ? items : items.filter((_, index) => index % parts === first);
}
