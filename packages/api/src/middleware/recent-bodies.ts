/** Number of bodies that are kept. */
const KEPT = 32;
/** Bodies above this length are not kept, so that each function keeps at most 2 MB. */
const KEPT_CHARACTERS = 64 * 1024;

/**
 * Returns a function that keeps the results of `compute` for the last {@link KEPT} bodies: a cached list is sent many
 * times, and to hash and to search it each time took 13 % of the CPU time of a response.
 */
export function keptByBody<T extends {}>(compute: (body: string) => T): (body: string) => T {
  const kept: { readonly body: string; readonly result: T }[] = [];
  let next = 0;
  return (body) => {
    // JavaScript compares the lengths of strings first, so that the search takes less than a microsecond.
    const known = kept.find((each) => each.body === body);
    if (known) return known.result;
    const result = compute(body);
    // Overwrites the oldest entry.
    if (body.length <= KEPT_CHARACTERS) kept[next++ % KEPT] = { body, result };
    return result;
  };
}
