/** `npm run long -- tests` sets it: every test runs in its long form. */
const IS_LONG = process.env["TEST_SIZE"] === "long";

/** The size of a test: in `npm test`, and in its long form. */
export const sized = (short: number, long: number): number => (IS_LONG ? long : short);
