import type { PGlite } from "@electric-sql/pglite";
import type { Member } from "@gotong/core/platform/actor.ts";

export const MEMBERS = 6;
export const CONTRIBUTIONS = 3;
/** Invited persons, who have no other acts. */
export const GUESTS = 4;
const EPOCH = "2026-01-01T00:00:00Z";

/**
 * Number of places of each task. Claims of some tasks expire after an hour; other tasks have a start, of which members
 * are reminded.
 */
const KINDS_OF_TASKS = [
  { people: 1, claimHours: 1 },
  { people: 3, claimHours: 1 },
  { people: 1, claimHours: 1 },
  { people: 2, claimHours: 1 },
  { people: 4 },
  { people: 4 },
  { people: 4, startsInHours: 27 }, // a reminder a day before the start, in the simulation's third hour
  { people: 4, startsInHours: 3 }, // a reminder an hour before the start, in the simulation's second hour
] as const;
export const TASKS = KINDS_OF_TASKS.length;

const uuid = (prefix: string, index: number) => `${prefix}0000000-0000-7000-8000-${String(index).padStart(12, "0")}`;
export const memberOf = (index: number): Member => ({
  type: "member",
  userId: uuid("a", index),
  username: `helper-${index}`,
  roles: ["contributor", "verifier"],
});
/** The member who publishes all tasks, and who owns no contribution. */
export const CREATOR: Member = { ...memberOf(MEMBERS), roles: ["contributor"] };
export const ADMIN: Member = { ...memberOf(MEMBERS + 1), roles: ["contributor", "admin"] };
const PEOPLE = [...Array.from({ length: MEMBERS }, (_, index) => memberOf(index)), CREATOR, ADMIN];
export const taskId = (index: number): string => uuid("b", index);
export const contributionId = (index: number): string => uuid("c", index);
export const guestId = (index: number): string => uuid("e", index);
export const invitationId = (index: number): string => uuid("f", index);

/** All tables into which a simulation writes, except the append-only audit log. */
const TABLES = `tasks, contributions, comments, vouches, reports, invitations, quotas, notifications, digests, timers,
  push_subscriptions, sessions`;

/**
 * Removes the rows of a simulation. Its members stay, without roles, so that no later simulation notifies them as
 * verifiers.
 */
export async function emptyCrowd(db: PGlite): Promise<void> {
  await db.exec(`rollback; truncate ${TABLES} cascade; update users set roles = '{contributor}'`);
}

/** Inserts members with devices, tasks, contributions and open invitations. */
export async function fillCrowd(db: PGlite): Promise<void> {
  await emptyCrowd(db);
  const account = (id: string, username: string, roles: readonly string[]) =>
    `insert into users (id, username, email, password_hash, roles) values ('${id}', '${username}', '${username}@example.org', 'x', '{${roles.join(",")}}') on conflict (id) do update set roles = excluded.roles;`;
  const people = PEOPLE.map(({ userId, username, roles }) => account(userId, username, roles));
  const devices = PEOPLE.map(({ userId }, index) => {
    const hash = String(index).padStart(64, "0");
    return `insert into sessions (id, user_id, last_used_at, expires_at) values ('${uuid("d", index)}', '${userId}', '2026-01-01', '2027-01-01');
      insert into push_subscriptions (id, user_id, session_id, endpoint, endpoint_hash, p256dh, auth)
        values ('${uuid("d", index)}', '${userId}', '${uuid("d", index)}', 'https://push.example/${index}', '${hash}', 'x', 'x');`;
  });
  const guests = Array.from(
    { length: GUESTS },
    (_, index) =>
      `${account(guestId(index), `guest-${index}`, ["contributor"])}
      insert into invitations (id, email, invited_by, token_hash, expires_at) values ('${invitationId(index)}', 'guest-${index}@example.org', '${CREATOR.userId}', '${index}', '2027-01-01');`,
  );
  const tasks = KINDS_OF_TASKS.map((kind, index) => {
    const claimHours = "claimHours" in kind ? kind.claimHours : "null";
    const startsAt =
      "startsInHours" in kind ? `timestamptz '${EPOCH}' + interval '${kind.startsInHours} hours'` : "null";
    return `insert into tasks (id, creator_id, title, description, difficulty, people_needed, claim_hours, starts_at)
      values ('${taskId(index)}', '${CREATOR.userId}', 'Task', '', 'easy', ${kind.people}, ${claimHours}, ${startsAt});`;
  });
  const contributions = Array.from(
    { length: CONTRIBUTIONS },
    (_, index) =>
      `insert into contributions (id, user_id, contribution_type, title) values ('${contributionId(index)}', '${memberOf(index).userId}', 'custom', 'Work');`,
  );
  await db.exec([...people, ...devices, ...guests, ...tasks, ...contributions].join("\n"));
}
