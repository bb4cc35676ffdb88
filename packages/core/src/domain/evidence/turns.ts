import { sql } from "drizzle-orm";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { evidence } from "./evidence.sql.ts";

/** Over which time a member's examinations are counted. */
const WINDOW_SECONDS = 3600;
/** A file gives way for this long at most, and only to files that have waited no longer: the message of an older one may be lost. */
const LONGEST_SECONDS = 300;
/** Waiting files that are looked at, the oldest first. */
const LOOKED_AT = 100;

/**
 * Whether another member's file goes first: a member whose files were examined more often within the last hour gives way to members with
 * fewer, so that 50 files of one member do not delay a single one of another. Queues deliver in the order of submission.
 */
export async function mustGiveWay(
  row: Pick<typeof evidence.$inferSelect, "submittedBy" | "examinations" | "createdAt">,
): Promise<boolean> {
  const now = Clock.now().getTime();
  const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
  if (row.examinations > 0 || row.createdAt.toISOString() < ago(LONGEST_SECONDS)) return false;
  const begunBy = (member: ReturnType<typeof sql>) => sql`(
    select count(*) from ${evidence} begun
    where begun.submitted_by = ${member} and begun.examinations > 0 and begun.created_at > ${ago(WINDOW_SECONDS)}::timestamptz)`;
  const [found] = await Db.use().execute<{ goes_first: boolean }>(sql`
    select exists (
      select from (
        select submitted_by from ${evidence}
        where status = 'examining' and examinations = 0 and hidden_at is null
          and submitted_by <> ${row.submittedBy} and updated_at > ${ago(LONGEST_SECONDS)}::timestamptz
        order by updated_at limit ${LOOKED_AT}
      ) waiting
      where ${begunBy(sql`waiting.submitted_by`)} < ${begunBy(sql`${row.submittedBy}`)}
    ) as goes_first`);
  return found?.goes_first ?? false;
}
