import { Actor } from "../actor.ts";
import { isInTransaction, isOnReader, outside } from "./transaction.ts";

/**
 * Upper limit of lookups in one statement. A larger statement takes longer, and each of its callers waits until the
 * whole statement is finished.
 */
const AT_MOST = 32;

interface Waiting<Key, Result> {
  readonly key: Key;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

/**
 * Batches the lookups that arrive in one tick of the event loop into one statement, since each statement costs two
 * system calls. For lookups that most requests make, and whose result depends on the key alone:
 *
 * - The statement runs as the public actor and outside all transactions. A lookup inside a transaction gets its own
 *   statement. A lookup that a replica may answer also gets its own, since the choice of the replica depends on the
 *   member's earlier writes.
 * - The statement is sent after all its lookups arrived, so that each result is as fresh as that of a separate
 *   statement.
 * - When the statement fails, each lookup is repeated in its own statement, and gets its own result or error.
 * @param lookUp returns the results of the given keys, in their order
 */
export function batchPerTick<Key, Result>(
  lookUp: (keys: readonly Key[]) => Promise<readonly Result[]>,
): (key: Key) => Promise<Result> {
  let waiting: Waiting<Key, Result>[] = [];
  const resultsOf = async (keys: readonly Key[]) => {
    const results = await lookUp(keys);
    if (results.length !== keys.length) throw new Error("a batched statement must have one result for each key");
    return results;
  };
  const alone = async (key: Key): Promise<Result> => {
    for (const result of await resultsOf([key])) return result;
    throw new Error("unreachable: there is one result");
  };
  const together = async (batch: readonly Waiting<Key, Result>[]) => {
    try {
      const results = await resultsOf(batch.map(({ key }) => key));
      for (const [index, result] of results.entries()) batch[index]?.resolve(result);
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const { key, resolve, reject } of batch) alone(key).then(resolve, reject);
    }
  };
  const flush = () => {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += AT_MOST) void together(all.slice(start, start + AT_MOST));
  };
  const asPublic = () => outside(() => Actor.run({ type: "public" }, Actor.requestId(), flush));
  return (key) =>
    isInTransaction() || isOnReader()
      ? alone(key)
      : new Promise((resolve, reject) => {
          if (waiting.push({ key, resolve, reject }) === 1) setImmediate(asPublic);
        });
}
