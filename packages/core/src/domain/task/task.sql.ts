import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  numeric,
  pgTable,
  type AnyPgColumn,
  primaryKey,
  text,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import {
  enumColumn,
  coordinateRule,
  coordinates,
  hiding,
  hidingRule,
  id,
  lengthRule,
  nameRule,
  metadata,
  metadataRule,
  timestamptz,
  oneOf,
  searchVector,
  timestamps,
} from "../../platform/db/columns.ts";
import { ERASED_TEXTS } from "../../platform/erased.ts";
import { skills } from "../skill/skill.sql.ts";
import { users } from "../user/user.sql.ts";

export const DIFFICULTIES = ["easy", "intermediate", "hard"] as const;
export const TASK_STATUSES = ["open", "assigned", "in_progress", "completed", "cancelled"] as const;
export const REPEATS = ["weekly", "monthly"] as const;
export const ASSIGNMENT_ENDS = ["completed", "unassigned", "cancelled", "expired", "cannot_come"] as const;
/** Upper limit of a member's number of absences in responses. */
export const ABSENCES_MAX = 100;
/** Upper limits of the people that one task may need, and of the hours before a claim expires (30 days). */
export const PEOPLE_MAX = 100;
export const CLAIM_HOURS_MAX = 720;

/** Maximum lengths of a task's texts in characters, and the maximum of its estimated hours. */
export const MAX_CHARACTERS = { title: 200, description: 5000, location: 500 } as const;
export const MAX_HOURS = 1000;

/** Allowed precisions of a place in kilometres: the side of the cell whose middle is published. */
export const PRECISIONS_KM = [1, 5, 20] as const;

export const tasks = pgTable(
  "tasks",
  {
    ...id,
    creatorId: uuid("creator_id")
      .notNull()
      .references(() => users.id),
    assigneeId: uuid("assignee_id").references(() => users.id),
    title: text("title").notNull(),
    description: text("description").notNull(),
    difficulty: enumColumn("difficulty", DIFFICULTIES).notNull(),
    status: enumColumn("status", TASK_STATUSES).notNull().default("open"),
    location: text("location"),
    /**
     * The published place. If the creator chose a precision, this is the middle of the cell, and the exact place is not
     * stored.
     */
    ...coordinates,
    coordinatesPrecisionKm: doublePrecision("coordinates_precision_km"),
    estimatedHours: numeric("estimated_hours", { precision: 6, scale: 2, mode: "number" }),
    /**
     * Number of people the task needs. A task for several has no `assignee_id`: its people are in `task_assignments`.
     */
    peopleNeeded: integer("people_needed").notNull().default(1),
    /** Number of places of a task for several that are taken or completed. */
    placesTaken: integer("places_taken").notNull().default(0),
    /** When the creator closed a task for several, so that no further member can join. */
    closedAt: timestamptz("closed_at"),
    startsAt: timestamptz("starts_at"),
    endsAt: timestamptz("ends_at"),
    /** Number of hours within which the assignee must start; null for no limit. */
    claimHours: integer("claim_hours"),
    /** How often the task repeats. Its completion creates the next task, whose `repeat_of` is this task. */
    repeats: enumColumn("repeats", REPEATS),
    repeatOf: uuid("repeat_of").references((): AnyPgColumn => tasks.id),
    metadata: metadata("metadata"),
    ...timestamps,
    startedAt: timestamptz("started_at"),
    completedAt: timestamptz("completed_at"),
    cancelledAt: timestamptz("cancelled_at"),
    ...hiding(() => users.id),
    search: searchVector("search", sql`title || ' ' || description || ' ' || coalesce(location, '')`),
  },
  (t) => [
    check("tasks_title_rule", nameRule("title", MAX_CHARACTERS.title)),
    check("tasks_description_rule", lengthRule("description", 0, MAX_CHARACTERS.description)),
    check("tasks_difficulty_rule", oneOf("difficulty", DIFFICULTIES)),
    check("tasks_status_rule", oneOf("status", TASK_STATUSES)),
    check("tasks_location_rule", nameRule("location", MAX_CHARACTERS.location)),
    check("tasks_coordinates_rule", coordinateRule),
    check(
      "tasks_precision_rule",
      sql`coordinates_precision_km is null or coordinates_precision_km in (${sql.raw(PRECISIONS_KM.join(", "))}) and latitude is not null`,
    ),
    check("tasks_estimated_hours_rule", sql`estimated_hours > 0 and estimated_hours <= ${sql.raw(String(MAX_HOURS))}`),
    check("tasks_metadata_rule", metadataRule("metadata")),
    check(
      "tasks_assignee_rule",
      sql`case when people_needed > 1 or status = 'open' then assignee_id is null when status = 'cancelled' then true else assignee_id is not null end`,
    ),
    check("tasks_people_rule", sql`people_needed between 1 and ${sql.raw(String(PEOPLE_MAX))}`),
    check(
      "tasks_places_rule",
      sql`places_taken between 0 and people_needed and (people_needed > 1 or places_taken = 0 and closed_at is null)`,
    ),
    check("tasks_times_rule", sql`ends_at > starts_at`),
    check("tasks_claim_hours_rule", sql`claim_hours between 1 and ${sql.raw(String(CLAIM_HOURS_MAX))}`),
    check("tasks_repeats_rule", oneOf("repeats", REPEATS)),
    check("tasks_hidden_rule", hidingRule),
    uniqueIndex("tasks_repeat_of_key").on(t.repeatOf),
    index("tasks_newest_idx").on(t.id.desc()),
    index("tasks_status_idx").on(t.status, t.id.desc()),
    index("tasks_difficulty_idx").on(t.difficulty, t.id.desc()),
    index("tasks_creator_id_idx").on(t.creatorId, t.id.desc()),
    index("tasks_assignee_id_idx").on(t.assigneeId, t.id.desc()),
    index("tasks_changes_idx").on(t.updatedAt, t.id),
    index("tasks_search_idx").using("gin", t.search),
  ],
);

/** Column values that erase a task's location. */
export const CLEARED_LOCATION = {
  location: null,
  latitude: null,
  longitude: null,
  coordinatesPrecisionKm: null,
  metadata: {},
};
/** Column values that replace a deleted creator's texts, in a task that was never completed. */
export const ERASED_TASK = { title: ERASED_TEXTS.task, description: "" };

export const taskSkills = pgTable(
  "task_skills",
  {
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    skillId: uuid("skill_id")
      .notNull()
      .references(() => skills.id),
  },
  (t) => [
    primaryKey({ columns: [t.taskId, t.skillId] }),
    index("task_skills_skill_id_idx").on(t.skillId, t.taskId.desc()),
  ],
);

/** All assignments, and how they ended. A member has at most one open assignment of a task. */
export const taskAssignments = pgTable(
  "task_assignments",
  {
    ...id,
    taskId: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    assignedBy: uuid("assigned_by")
      .notNull()
      .references(() => users.id),
    assignedAt: timestamptz("assigned_at").notNull().defaultNow(),
    startedAt: timestamptz("started_at"),
    /** Time by which the member must start; null for no limit. */
    claimExpiresAt: timestamptz("claim_expires_at"),
    endedAt: timestamptz("ended_at"),
    endedAs: enumColumn("ended_as", ASSIGNMENT_ENDS),
    /** When the member is reminded next that the work begins. */
    remindAt: timestamptz("remind_at"),
    /** Whether the member came; null until it is marked. */
    wasPresent: boolean("was_present"),
    /** The member who set the mark. Not a foreign key, since no query looks rows up by it. */
    markedBy: uuid("marked_by"),
    markedAt: timestamptz("marked_at"),
  },
  (t) => [
    uniqueIndex("task_assignments_one_open_key")
      .on(t.taskId, t.userId)
      .where(sql`ended_at is null`),
    index("task_assignments_open_idx")
      .on(t.userId)
      .where(sql`ended_at is null`),
    index("task_assignments_expiry_idx")
      .on(t.claimExpiresAt)
      .where(sql`ended_at is null and started_at is null`),
    index("task_assignments_reminder_idx")
      .on(t.remindAt)
      .where(sql`remind_at is not null and ended_at is null and started_at is null`),
    index("task_assignments_absent_idx")
      .on(t.userId, t.markedAt)
      .where(sql`was_present = false`),
    index("task_assignments_task_id_idx").on(t.taskId, t.id),
    index("task_assignments_user_id_idx").on(t.userId, t.taskId.desc()),
    index("task_assignments_assigned_by_idx").on(t.assignedBy, t.id.desc()),
    check("task_assignments_end_rule", sql`(ended_at is null) = (ended_as is null)`),
    check("task_assignments_mark_rule", sql`num_nulls(was_present, marked_by, marked_at) in (0, 3)`),
    check("task_assignments_ended_as_rule", oneOf("ended_as", ASSIGNMENT_ENDS)),
  ],
);
