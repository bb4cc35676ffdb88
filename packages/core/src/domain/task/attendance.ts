import { type SQL, and, asc, desc, eq, gt, isNull, or, sql } from "drizzle-orm";
import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Config } from "../../platform/config.ts";
import { optionalCondition } from "../../platform/db/columns.ts";
import { Db } from "../../platform/db/index.ts";
import { AppError, invalidField } from "../../platform/error.ts";
import { Event } from "../../outbox/index.ts";
import { Input } from "../../platform/input.ts";
import { Quota } from "../../platform/limit/index.ts";
import { Page } from "../../platform/page.ts";
import { refuseBlocked } from "../block/index.ts";
import { Hidden } from "../hidden/index.ts";
import { notify } from "../notification/notify.ts";
import { personOf } from "../user/person.sql.ts";
import { recordAsAdmin } from "./audit.ts";
import { type Row, load, lockTask } from "./row.ts";
import type { Attendance } from "./schema.ts";
import { ABSENCES_MAX, taskAssignments } from "./task.sql.ts";

const DAY_MS = 86_400_000;
/** Age in days above which an absence no longer counts. */
const ABSENCE_DAYS = 365;

export const Mark = v.strictObject({ user_id: Input.uuid, was_present: v.boolean("must be true or false") });
const paging = Page.paging("attendance", v.tuple([Input.uuid]));
export const AttendanceQuery = v.strictObject(paging.query);

/**
 * Condition: the assignment's member was expected at the task. This is a member who has a place, has completed a place,
 * or gave a place back after the beginning of the work. A member who gave the place back before was not expected.
 */
const wasExpected = ({ id, startsAt }: Row): SQL | undefined =>
  and(
    eq(taskAssignments.taskId, id),
    or(
      isNull(taskAssignments.endedAt),
      eq(taskAssignments.endedAs, "completed"),
      startsAt === null ? undefined : sql`${taskAssignments.endedAt} >= ${startsAt.toISOString()}::timestamptz`,
    ),
  );

/** The number of times that the member was marked as absent in the last year, counted up to {@link ABSENCES_MAX}. */
const absences = () => {
  const since = new Date(Clock.now().getTime() - ABSENCE_DAYS * DAY_MS).toISOString();
  return sql<number>`(select count(*)::int from (select from task_assignments missed
    where missed.user_id = task_assignments.user_id and missed.was_present = false and missed.marked_at > ${since}::timestamptz limit ${ABSENCES_MAX}) counted)`;
};

const columns = () => ({
  id: taskAssignments.id,
  userId: taskAssignments.userId,
  user: personOf(taskAssignments.userId),
  startedAt: taskAssignments.startedAt,
  endedAs: taskAssignments.endedAs,
  wasPresent: taskAssignments.wasPresent,
  markedBy: taskAssignments.markedBy,
  marker: personOf(taskAssignments.markedBy),
  markedAt: taskAssignments.markedAt,
  absences: absences(),
});
type Place = Awaited<ReturnType<typeof placesOf>>[number];

const placesOf = (where: SQL | undefined, limit: number) =>
  Db.use().select(columns()).from(taskAssignments).where(where).orderBy(asc(taskAssignments.id)).limit(limit);

const isManager = ({ creatorId }: Row): boolean => {
  const { userId, roles } = Actor.member();
  return creatorId === userId || roles.includes("admin");
};

/**
 * The members who were expected at a task, and who of them came. Visible to the task's creator, to admins and to the
 * expected members. The number of a member's absences is visible to the creator, to admins and to that member only.
 * @throws AppError NOT_FOUND, FORBIDDEN
 */
export async function attendance(
  taskId: string,
  { limit, cursor }: v.InferOutput<typeof AttendanceQuery>,
): Promise<Page.Page<Attendance>> {
  const { userId } = Actor.member();
  const row = await load(taskId);
  const isSeenWhole = isManager(row);
  if (!isSeenWhole) {
    const own = await placesOf(and(wasExpected(row), eq(taskAssignments.userId, userId)), 1);
    if (own.length === 0)
      throw new AppError("FORBIDDEN", {
        detail: "Only the creator of the task, its assignees or an admin may do this.",
      });
  }
  const after = optionalCondition(cursor, ([last]) => gt(taskAssignments.id, last));
  const places = await placesOf(and(wasExpected(row), after), limit + 1);
  return paging.page(
    places,
    limit,
    (place) => [place.id],
    (place) => toInfo(place, isSeenWhole || place.userId === userId),
  );
}

/**
 * Marks whether a member came to a task, once the work has begun. The task's creator and admins may mark every expected
 * member. A member who has started a place in the task is there too, and may mark others as present, unless another
 * member has marked them already. No member may mark themselves. A member who is marked as absent is notified. A
 * creator may not mark a member as absent who has blocked that creator.
 * @throws AppError NOT_FOUND, FORBIDDEN, CONTENT_HIDDEN, INVALID_TASK_STATE, RULE_VIOLATED, RATE_LIMITED;
 * VALIDATION_FAILED when the member `user_id` was not expected
 */
export async function markAttendance(taskId: string, input: v.InferOutput<typeof Mark>): Promise<Attendance> {
  const { userId } = Actor.member();
  const { user_id: markedId, was_present: wasPresent } = input;
  return Event.act(async () => {
    const task = await lockTask(taskId, [markedId]);
    const { row } = task;
    const place = task.members.has(markedId) ? await lastPlaceOf(row, markedId) : undefined;
    const isByManager = isManager(row);
    if (!isByManager) {
      const own = await lastPlaceOf(row, userId);
      const isOnTheSpot = own !== undefined && own.startedAt !== null && isPlace(own);
      if (!isOnTheSpot || !wasPresent || (place && place.markedBy !== null && place.markedBy !== userId))
        throw new AppError("FORBIDDEN", {
          detail:
            "Only the creator of the task or an admin may do this; a member who has started may mark who is there.",
        });
    }
    Hidden.assertNot(row);
    if (markedId === userId) throw new AppError("RULE_VIOLATED", { detail: "You cannot mark yourself." });
    // A creator may not mark a member as absent who has blocked them: the absence counts against the member, who would
    // get no notification of it. An admin who is not the creator may.
    if (!wasPresent && row.creatorId === userId) await refuseBlocked([markedId]);
    if (!place) throw invalidField("user_id", "unknown_reference", "must be the id of a member who was to come");
    if (row.startsAt !== null && row.startsAt > Clock.now())
      throw new AppError("INVALID_TASK_STATE", { detail: "Who came is marked once the work begins." });
    if (place.wasPresent !== wasPresent) {
      await Quota.take(perMarker(), userId);
      await recordAsAdmin("attendance", task, { user_id: markedId, was_present: wasPresent });
      await Db.use()
        .update(taskAssignments)
        .set({ wasPresent, markedBy: userId, markedAt: Clock.now() })
        .where(eq(taskAssignments.id, place.id));
      if (!wasPresent) await notify([markedId], { kind: "marked_absent", actorId: userId, taskId });
    }
    const [marked = place] = await placesOf(eq(taskAssignments.id, place.id), 1);
    return toInfo(marked, isByManager);
  });
}

const isPlace = ({ endedAs }: Place): boolean => endedAs === null || endedAs === "completed";

/** The newest place of an expected member, who may have given a place back and claimed another. */
async function lastPlaceOf(row: Row, userId: string): Promise<Place | undefined> {
  const [place] = await Db.use()
    .select(columns())
    .from(taskAssignments)
    .where(and(wasExpected(row), eq(taskAssignments.userId, userId)))
    .orderBy(desc(taskAssignments.id))
    .limit(1);
  return place;
}

function perMarker(): Quota.Quota {
  const limit = Config.section("rules").ASSIGNMENT_LIMIT_PER_DAY;
  const detail = `A member can mark the attendance of at most ${limit} others in 24 hours.`;
  return { name: "attendance", limit, windowSeconds: DAY_MS / 1000, detail };
}

function toInfo(place: Place, isCountSeen: boolean): Attendance {
  return {
    user: place.user,
    status: place.endedAs ?? (place.startedAt === null ? "assigned" : "in_progress"),
    was_present: place.wasPresent,
    marked_by: place.marker,
    marked_at: place.markedAt?.toISOString() ?? null,
    absences: isCountSeen ? place.absences : null,
  };
}
