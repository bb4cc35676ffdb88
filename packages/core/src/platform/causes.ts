/** Maximum length of the list of causes. It ends the loop if the causes form a cycle; real errors have fewer causes. */
const MOST = 10;

/** The error and its chain of causes, outermost first. Empty for a thrown value that is not an Error. */
export function causesOf(error: unknown): Error[] {
  const found: Error[] = [];
  for (let cause = error; cause instanceof Error && found.length < MOST; cause = cause.cause) found.push(cause);
  return found;
}
