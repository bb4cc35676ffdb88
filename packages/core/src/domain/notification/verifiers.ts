import { type SQL, sql } from "drizzle-orm";
import { statement } from "../../platform/db/index.ts";
import { Random } from "../../platform/random.ts";
import { verifications } from "../contribution/verification.sql.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import { users } from "../user/user.sql.ts";
import { notifications } from "./notification.sql.ts";
import { type Notice, notify } from "./notify.ts";

/** Number of verifiers to notify: enough for a quorum, and few enough to notify in the transaction of an act. */
const ASKED_AT_ONCE = 20;
/**
 * Number of verifiers to check. More than are notified, since some of them have an unread notification of this kind.
 */
const LOOKED_AT = 60;

/**
 * Finds verifiers to notify. Takes them in the order of a hash of their ids, beginning at a random hash, so that all
 * verifiers are notified equally often. Leaves out the owner, verifiers who have voted, and verifiers with an unread
 * notification of this kind, since all these notifications lead to the same queue of contributions. Counts the unread
 * notifications of each verifier: PostgreSQL turns `not exists` into a join that reads the whole table.
 */
const candidates = statement<readonly [id: string]>(() => {
  const value = (name: string) => sql.placeholder(name);
  const from = (side: SQL) => sql`(select id from ${users}
    where 'verifier' = any(roles) and deleted_at is null and ${side} order by md5(id::text) limit ${LOOKED_AT})`;
  return sql`select verifier.id from (
      ${from(sql`md5(id::text) >= ${value("start")}::text`)} union all ${from(sql`md5(id::text) < ${value("start")}::text`)} limit ${LOOKED_AT}
    ) verifier
    where verifier.id <> (select user_id from ${contributions} where id = ${value("contributionId")}::uuid)
      and not exists (select 1 from ${verifications} vote where vote.contribution_id = ${value("contributionId")}::uuid and vote.verifier_id = verifier.id)
      and (select count(*) from (select from ${notifications} unread
        where unread.user_id = verifier.id and unread.in_feed and unread.read_at is null and unread.kind = 'verification_waiting' limit 1) one) = 0
    limit ${ASKED_AT_ONCE}`;
});

/** Notifies some verifiers, in the transaction of the act, that a contribution with evidence waits for votes. */
export async function notifyVerifiers(
  about: Required<Pick<Notice, "actorId" | "evidenceId">> & { readonly contributionId: string },
): Promise<void> {
  const found = await candidates({ start: Random.hex(32), contributionId: about.contributionId });
  await notify(
    found.map(([id]) => id),
    { kind: "verification_waiting", ...about },
  );
}
