import { Db } from "@gotong/core/platform/db/index.ts";

/** The error that rolls back the transaction of a dry run. */
class Undone extends Error {
  override readonly name = "Undone";
}

/**
 * Runs the work in a transaction that is rolled back: no change stays, and no step that follows a commit runs, such as
 * sending mail.
 * @returns the result of the work
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
