/**
 * The rows of a result, without the places that postgres.js 3.4.9 leaves free in it: when a statement fails after its first rows, their
 * number is not reset (connection.js, `rows`), and the next statement of that connection has its rows behind as many holes, so that its
 * first row reads as none.
 */
export function withoutHoles<Rows extends readonly unknown[]>(result: Rows): Rows | readonly unknown[] {
  return result.length === 0 || 0 in result ? result : result.filter(() => true); // `filter` leaves holes out
}
