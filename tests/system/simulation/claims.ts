import type { PGlite } from "@electric-sql/pglite";
import * as v from "valibot";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { PushMessage, openPush } from "@gotong/core/platform/push/index.ts";
import { Task } from "@gotong/core/domain/task/index.ts";
import { Random } from "./random.ts";
import { WORKERS } from "./run.ts";
import { type Bug, FAIR, World } from "./world.ts";

const HOUR = 3_600_000;
const MEMBERS = 6;
/** Tasks and acts of one seed. More members ask for each task than it has places, so that most tasks have a last place to fight for. */
const TASKS = 4;
export const ACTS_PER_SEED = 25;
const CREATOR = "00000000-0000-7000-8000-000000000001";
const TABLES = "tasks, notifications, digests, timers, push_subscriptions, sessions";

const uuid = (prefix: string, index: number) => `${prefix}0000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
const memberOf = (index: number): Member => ({
  type: "member",
  userId: uuid("a", index),
  username: `helper-${index}`,
  roles: ["contributor"],
});

export interface ClaimFigures {
  /** Claims and places given back. */
  readonly acts: number;
  readonly claimed: number;
  readonly expired: number;
  readonly notified: number;
  readonly pushed: number;
  readonly kills: number;
  /** The broken promises; empty when all are kept. */
  readonly broken: readonly string[];
}

/**
 * Simulates members who claim places of tasks and give them back, in processes that are killed at any await, with lost
 * commits and calls that are throttled. Claims that no member starts expire after an hour. Afterwards compares the
 * places, the feed and the queued pushes with the assignments.
 */
export async function simulateClaims(db: PGlite, seed: number, bug?: Bug): Promise<ClaimFigures> {
  const random = new Random(seed);
  await World.prepare(db);
  await fill(db, random);
  const world = new World(
    seed,
    db,
    { ...FAIR, crashRate: 0.02, throttleRate: 0.05, duplicateRate: 0.1, commitFailureRate: 0.05 },
    WORKERS,
    bug,
  );
  const claimed: string[] = [];
  const act = (member: Member, work: () => Promise<void>) =>
    world.scheduler.after(random.int(0, HOUR / 4), () => world.inApi(() => Actor.run(member, Id.uuid(), work)));
  try {
    for (let count = 0; count < ACTS_PER_SEED; count += 1) {
      const [member, taskId] = [memberOf(random.int(0, MEMBERS - 1)), uuid("b", random.int(0, TASKS - 1))];
      if (random.chance(0.85))
        act(member, async () => {
          await Task.claim(taskId);
          claimed.push(`${taskId} ${member.userId}`);
        });
      else act(member, async () => void (await Task.unassign(taskId, {})));
    }
    await world.scheduler.run(HOUR / 2);
    world.calm();
    await world.scheduler.run(2.5 * HOUR);
    const found = await compare(world, claimed);
    return { acts: ACTS_PER_SEED, claimed: claimed.length, kills: world.scheduler.kills, ...found };
  } finally {
    world.leave();
    await db.exec(`rollback; truncate ${TABLES} cascade`);
  }
}

async function fill(db: PGlite, random: Random): Promise<void> {
  await db.exec(`truncate ${TABLES} cascade`);
  for (let index = 0; index < MEMBERS; index += 1)
    await db.exec(
      `insert into users (id, username, email, password_hash) values ('${uuid("a", index)}', 'helper-${index}', 'helper-${index}@example.org', 'x') on conflict do nothing`,
    );
  // Every second task is for one person, whose place is the task itself.
  for (let index = 0; index < TASKS; index += 1)
    await db.exec(
      `insert into tasks (id, creator_id, title, description, difficulty, people_needed, claim_hours) values ('${uuid("b", index)}', '${CREATOR}', 'Task', '', 'easy', ${index % 2 === 0 ? 1 : random.int(2, 4)}, 1)`,
    );
  await db.exec(
    `insert into sessions (id, user_id, last_used_at, expires_at) values ('${uuid("c", 1)}', '${CREATOR}', '2026-01-01', '2027-01-01');
     insert into push_subscriptions (id, user_id, session_id, endpoint, endpoint_hash, p256dh, auth)
       values ('${uuid("d", 1)}', '${CREATOR}', '${uuid("c", 1)}', 'https://push.example/1', repeat('0', 64), 'x', 'x')`,
  );
}

/** Compares places, notifications and pushes with the assignments, the rows that claims have committed. */
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
    await world.rows("select task_id from task_assignments where ended_at is null and started_at is null"),
  );
  complain(
    "a claim is not exactly once in its creator's feed",
    await world.rows(`select task_id, user_id, places, notices from
      (select task_id, user_id, count(*) as places from task_assignments group by 1, 2) place
      full join (select task_id, actor_id as user_id, count(*) as notices from notifications
        where kind = 'task_claimed' and in_feed group by 1, 2) notice using (task_id, user_id)
      where places is distinct from notices`),
  );
  complain(
    "an expired claim is not exactly once in the feeds of its member and of the creator",
    await world.rows(`select task_id, places, members, creators from
      (select task_id, count(*) as places from task_assignments where ended_as = 'expired' group by 1) place
      full join (select task_id, count(*) filter (where user_id <> '${CREATOR}') as members,
        count(*) filter (where user_id = '${CREATOR}') as creators from notifications
        where kind = 'claim_expired' and in_feed group by 1) notice using (task_id)
      where places is distinct from members or places is distinct from creators`),
  );
  complain(
    "a push is still due",
    await world.rows("select id from notifications where push_due_at <= '2026-01-01T02:00:00Z'"),
  );
  const pushes = pushesIn(world.queues.bodies("mail"));
  complain(
    "a notification was queued for a device more than once",
    [...pushes].filter(([, ids]) => ids.size > 1).map(([notification]) => notification),
  );
  const [expired] = await world.rows("select count(*)::int as n from task_assignments where ended_as = 'expired'");
  const [notified] = await world.rows("select count(*)::int as n from notifications where in_feed");
  return { broken, expired: Number(expired?.["n"]), notified: Number(notified?.["n"]), pushed: pushes.size };
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
