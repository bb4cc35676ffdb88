import { Db } from "@gotong/core/platform/db/index.ts";

/** Undoes what a rehearsal has done. */
class Undone extends Error {
  override readonly name = "Undone";
}

/**
 * Does the work in a transaction that is rolled back: nothing of it stays, and what would follow the commit, such as mail, does not
 * happen.
 * @returns what the work returned
 */
export async function rehearse<T>(work: () => Promise<T>): Promise<T> {
  const results: T[] = [];
  try {
    await Db.transaction(async () => {
      results.push(await work());
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone)) throw error;
  }
  const [result] = results;
  if (result === undefined) throw new Error("the rehearsal returned nothing");
  return result;
}
