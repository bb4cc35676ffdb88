interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/** Number of concurrent calls: two, so that one hanging call does not delay all others. */
const CALLS_AT_ONCE = 2;

/**
 * Batches the items of independent callers into shared calls of `work`. Items that arrive in one tick of the event loop
 * share a call, which starts at the end of that tick. While {@link CALLS_AT_ONCE} calls are running, further items wait
 * for one of them to finish, and then share the next call. When no call is running, an item is processed at the end of
 * its tick and does not wait for others to arrive.
 * @param work resolves to the result of each item, in their order; an `Error` as a result rejects that item only
 * @param atMost maximum number of items in one call
 * @param mayJoin whether an item may be processed in the same call as `others`, which is not empty; always by default
 */
export function gather<Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly (Result | Error)[]>,
  atMost: number,
  mayJoin: (item: Item, others: readonly Item[]) => boolean = () => true,
): (item: Item) => Promise<Result> {
  let waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  let isPlanned = false;
  const startNext = () => {
    isPlanned = false;
    while (running < CALLS_AT_ONCE && waiting.length > 0) {
      const chosen: Waiting<Item, Result>[] = [];
      const left: Waiting<Item, Result>[] = [];
      for (const one of waiting) {
        const others = chosen.map(({ item }) => item);
        const joins = others.length === 0 || (others.length < atMost && mayJoin(one.item, others));
        (joins ? chosen : left).push(one);
      }
      waiting = left;
      running += 1;
      void run(chosen).finally(() => {
        running -= 1;
        startNext();
      });
    }
  };
  const run = async (chosen: readonly Waiting<Item, Result>[]) => {
    try {
      const results = await work(chosen.map(({ item }) => item));
      if (results.length !== chosen.length) throw new Error("gathered work must have one result for each item");
      for (const [index, result] of results.entries()) {
        if (result instanceof Error) chosen[index]?.reject(result);
        else chosen[index]?.resolve(result);
      }
    } catch (error) {
      for (const { reject } of chosen) reject(error);
    }
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (isPlanned || running === CALLS_AT_ONCE) return;
      isPlanned = true;
      setImmediate(startNext);
    });
}
