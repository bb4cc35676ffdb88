import { Clock } from "../platform/clock.ts";
import { Db } from "../platform/db/index.ts";
import { Log } from "../platform/log.ts";
import { Event } from "./event.ts";
import { Sweep } from "./sweep.ts";

/**
 * Maximum time between arming the sweep and the start of the statement in the database, for {@link actOfOneStatement}.
 */
const LATE_AFTER_MS = 5_000;

/**
 * Thrown by the work of {@link actOfOneStatement} when its statement reached the database too late and therefore
 * changed nothing.
 */
export class Late extends Error {}

/**
 * Runs an act whose whole change is one statement. The statement needs no `begin` and no `commit`, which saves two of
 * five round trips. But no transaction limit bounds the time between arming the sweep and the commit. Instead, the
 * statement must reach the database by `latest`, and the database aborts statements after 15 s. A statement that
 * arrives later is repeated in a transaction. Inside another act or a unit of work, `work` runs in its transaction.
 * @param work receives `latest`, which is null in a transaction; must throw {@link Late} when the statement arrived too
 * late
 */
export async function actOfOneStatement<T>(work: (latest: string | null) => Promise<T>): Promise<T> {
  const inTransaction = () => work(null);
  if (Event.isActing() || Db.hasScope()) return Event.act(inTransaction);
  return Event.published(async () => {
    if (!Sweep.isArmed()) await Sweep.armForAct();
    try {
      return await work(new Date(Clock.now().getTime() + LATE_AFTER_MS).toISOString());
    } catch (error) {
      if (!(error instanceof Late)) throw error;
      Log.warn("the statement of an act was late, and is repeated in a transaction");
      return Db.transaction(inTransaction, Event.OPTIONS);
    }
  });
}
