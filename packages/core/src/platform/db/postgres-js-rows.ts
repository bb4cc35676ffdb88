/**
 * Removes the array holes that postgres.js 3.4.9 can leave in a result: when a statement fails after its first rows, their number is not reset
 * (connection.js, `rows`), and the result of the next statement on that connection begins with as many holes, so that its first row seems to
 * be missing.
 */
export function withoutHoles<Rows extends readonly unknown[]>(result: Rows): Rows | readonly unknown[] {
  return result.length === 0 || 0 in result ? result : result.filter(() => true); // `filter` skips holes
}
