import type { PGlite } from "@electric-sql/pglite";
import * as v from "valibot";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { PushMessage, openPush } from "@gotong/core/platform/push/index.ts";
import { sized } from "../../harness/size.ts";
import { Draw, chooseAct } from "./acts.ts";
import { emptyCrowd, fillCrowd } from "./crowd.ts";
import { UNEVEN, WAITING } from "./due.ts";
import { Random } from "./random.ts";
import { WORKERS } from "./run.ts";
import { type Bug, FAIR, World } from "./world.ts";

const HOUR = 3_600_000;
/**
 * Number of acts for one seed. More members claim each task than it has places, so that for most tasks several members
 * compete for the last place.
 */
export const ACTS_PER_SEED = sized(25, 50);
/**
 * The probability that a process is killed at one of its operations. It is lower in the long form, whose acts must
 * cause every kind of notification.
 */
const CRASH_RATE = sized(0.02, 0.007);

export interface ActFigures {
  readonly acts: number;
  /** Acts that were answered with success. */
  readonly done: number;
  readonly expired: number;
  readonly notified: number;
  readonly pushed: number;
  readonly kills: number;
  readonly kinds: readonly string[];
  /** A sentence for each broken guarantee. */
  readonly broken: readonly string[];
}

/**
 * Simulates acts that cause every kind of notification. Processes are killed at any await, commits are lost, and calls
 * are throttled. Claims that no member starts expire after an hour; reminders follow after two and three hours. At the
 * end, compares places, feeds and queued pushes with what the acts have committed.
 */
export async function simulateActs(db: PGlite, seed: number, bug?: Bug): Promise<ActFigures> {
  const random = new Random(seed);
  await World.prepare(db);
  await fillCrowd(db);
  const world = new World(
    seed,
    db,
    { ...FAIR, crashRate: CRASH_RATE, throttleRate: 0.05, duplicateRate: 0.1, commitFailureRate: 0.05 },
    WORKERS,
    bug,
  );
  const draw = new Draw(random);
  let done = 0;
  try {
    for (let count = 0; count < ACTS_PER_SEED; count += 1) {
      const choose = chooseAct(random);
      world.scheduler.after(random.int(0, HOUR / 2), () => {
        const { by, work } = choose(draw);
        world.inApi(() =>
          Actor.run(by, Id.uuid(), async () => {
            await work();
            done += 1;
          }),
        );
      });
    }
    await world.scheduler.run(0.75 * HOUR);
    // The kill rate of the acts is too high for a sweep: with its hundred operations, a sweep would hardly ever reach
    // its end.
    world.scheduler.crashRate = 0.004;
    await world.scheduler.run(3.1 * HOUR);
    world.calm();
    await world.scheduler.run(4.5 * HOUR);
    const found = await compare(
      world,
      draw.claims.map(({ task, member }) => `${task} ${member.userId}`),
    );
    return { acts: ACTS_PER_SEED, done, kills: world.scheduler.kills, ...found };
  } finally {
    world.leave();
    await emptyCrowd(db);
  }
}

/**
 * Compares places, notifications and pushes with the table of assignments, which contains what the members' claims have
 * committed.
 */
async function compare(world: World, claimed: readonly string[]) {
  const broken: string[] = [];
  const complain = (promise: string, rows: readonly unknown[]) => {
    if (rows.length > 0) broken.push(`${promise}: ${JSON.stringify(rows.slice(0, 3))}`);
  };
  const assigned = await world.rows("select task_id || ' ' || user_id as claim from task_assignments");
  const committed = Map.groupBy(assigned, ({ claim }) => String(claim));
  const answered = Map.groupBy(claimed, (claim) => claim);
  complain(
    "a claim was answered with success and has no assignment",
    [...answered].filter(([claim, all]) => (committed.get(claim)?.length ?? 0) < all.length),
  );
  complain(
    "more members have a place at a time than the task has places",
    await world.rows(`select task.id from tasks task join task_assignments place on place.task_id = task.id
      join task_assignments at on at.task_id = task.id and at.id <> place.id and at.assigned_at <= place.assigned_at
        and coalesce(at.ended_at, 'infinity') > place.assigned_at
      group by task.id, place.id, task.people_needed having count(*) >= task.people_needed`),
  );
  complain(
    "a claim has not expired",
    await world.rows(
      "select task_id from task_assignments where claim_expires_at is not null and ended_at is null and started_at is null",
    ),
  );
  complain(
    "a place was given back without its reason, or the reverse",
    await world.rows(`select task_id, places, reasons from
      (select task_id, count(*) as places from task_assignments where ended_as = 'unassigned' group by 1) place
      full join (select task_id, count(*) as reasons from comments where kind = 'unassign' group by 1) reason using (task_id)
      where places is distinct from reasons`),
  );
  complain("a notification is not exactly as often in the feed as it is due", await world.rows(UNEVEN));
  complain("a verifier has no notification of the queue, or two", await world.rows(WAITING));
  complain("a push is still due", await world.rows("select id from notifications where push_due_at is not null"));
  const pushes = pushesIn(world.queues.bodies("mail"));
  complain(
    "a notification was queued for a device more than once",
    [...pushes].filter(([, ids]) => ids.size > 1).map(([notification]) => notification),
  );
  const [expired] = await world.rows("select count(*)::int as n from task_assignments where ended_as = 'expired'");
  const feed = await world.rows("select kind from notifications where in_feed");
  const kinds = feed.map(({ kind }) => String(kind));
  return { broken, expired: Number(expired?.["n"]), notified: kinds.length, pushed: pushes.size, kinds };
}

/** The ids of the pushes for each notification and device. The queue itself may contain a message twice, under one id. */
function pushesIn(bodies: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const pushes = new Map<string, Set<string>>();
  for (const body of bodies) {
    const message = v.safeParse(PushMessage, JSON.parse(body));
    if (!message.success) continue;
    const { subscription_id, payload } = openPush(message.output);
    const { id } = v.parse(v.object({ id: v.string() }), JSON.parse(payload));
    const key = `${id} ${subscription_id}`;
    pushes.set(key, (pushes.get(key) ?? new Set<string>()).add(message.output.push_id));
  }
  return pushes;
}
