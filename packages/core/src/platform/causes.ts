/** Upper limit of listed causes, which stops at a cycle. Real errors have few causes. */
const MOST = 10;

/** The error and its chain of causes, outermost first. Empty for a thrown value that is not an Error. */
export function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  for (let cause = error; cause instanceof Error && found.length < MOST; cause = cause.cause) found.push(cause);
  return found;
}
