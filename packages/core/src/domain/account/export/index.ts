import { eq } from "drizzle-orm";
import type * as v from "valibot";
import { Actor } from "../../../platform/actor.ts";
import { Audit } from "../../../platform/audit/index.ts";
import { PAGE_MAX_BYTES } from "../../../platform/bounds.ts";
import { Clock } from "../../../platform/clock.ts";
import { Db } from "../../../platform/db/index.ts";
import { reputationCache } from "../../reputation/reputation.sql.ts";
import { User } from "../../user/index.ts";
import { type Query, SECTION_NAMES, type SectionName, paging } from "./query.ts";
import { type Plain, SECTIONS, plain } from "./sections.ts";

/**
 * Rows per query. Few, since PostgreSQL writes all digits of a JSON number such as 1e300: one row may have a megabyte.
 */
const ROWS_AT_ONCE = 25;

/**
 * A part of the data that the platform stores about one member. Fields are named like the columns of the tables, except
 * in evidence that other members attached.
 */
export type Part = Readonly<Record<SectionName, readonly object[]>> & {
  readonly generated_at: string;
  readonly user: User.OwnInfo;
  /** The last reputation that was read from Markov. */
  readonly reputation: Plain | null;
  /** The `cursor` of the next part; null on the last part, which for most members is also the first. */
  readonly next_cursor: string | null;
};

/**
 * Returns one part of the current member's data, starting at a cursor: as much as one response may contain, section
 * after section. A list that is empty in one part may continue in the next part. Audited.
 */
export async function part({ cursor }: v.InferOutput<typeof Query>): Promise<Part> {
  const { userId } = Actor.member();
  await Audit.recordRead("user.export", "user", userId);
  const lists: Record<SectionName, object[]> = emptyLists();
  const [reputation] = await Db.use().select().from(reputationCache).where(eq(reputationCache.userId, userId));
  const head = {
    generated_at: Clock.now().toISOString(),
    user: await User.me(),
    reputation: reputation ? plain(reputation) : null,
  };
  const end = await fill(lists, userId, cursor ?? ["tasks_created", ""]);
  return { ...head, ...lists, next_cursor: end && paging.encode(end) };
}

/**
 * Adds items to the lists until a response is full.
 * @returns where the next part begins; null at the end
 */
async function fill(
  lists: Record<SectionName, object[]>,
  userId: string,
  [first, key]: readonly [SectionName, string],
): Promise<[SectionName, string] | null> {
  let [bytes, last] = [0, key];
  for (const name of SECTION_NAMES.slice(SECTION_NAMES.indexOf(first))) {
    for (;;) {
      const items = await SECTIONS[name](userId, last, ROWS_AT_ONCE);
      for (const { key: next, item } of items) {
        const size = Buffer.byteLength(JSON.stringify(item)) + 1;
        if (bytes > 0 && bytes + size > PAGE_MAX_BYTES) return [name, last];
        bytes += size;
        lists[name].push(item);
        last = next;
      }
      if (items.length < ROWS_AT_ONCE) break;
    }
    last = "";
  }
  return null;
}

function emptyLists(): Record<SectionName, object[]> {
  return {
    tasks_created: [],
    task_assignments: [],
    contributions: [],
    evidence: [],
    evidence_received: [],
    files: [],
    uploads: [],
    avatars: [],
    witness_of: [],
    verifications: [],
    verifications_received: [],
    invitations: [],
    vouches_given: [],
    vouches_received: [],
    comments: [],
    notifications: [],
    notification_settings: [],
    push_subscriptions: [],
    reports: [],
    blocks: [],
    sessions: [],
    logins: [],
    second_factors: [],
    events: [],
    audit_log: [],
  };
}
