/** `npm run long -- tests` sets it: every test runs in its long form. */
const IS_LONG = process.env["TEST_SIZE"] === "long";

/** The size of a test: in `npm test`, and in its long form. */
export const sized = (short: number, long: number): number => (IS_LONG ? long : short);

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Every `parts`-th item of a table in `npm test`, beginning with another one each week, so that all are tested in `parts` weeks; all of them
 * in the long form.
 */
export function weekly<T>(items: readonly T[], parts: number): readonly T[] {
  const first = Math.floor(Date.now() / WEEK_MS) % parts;
  return IS_LONG ? items : items.filter((_, index) => index % parts === first);
}
