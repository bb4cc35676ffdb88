import { sql } from "drizzle-orm";
import {
  check,
  doublePrecision,
  index,
  numeric,
  pgTable,
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
import { skills } from "../skill/skill.sql.ts";
import { users } from "../user/user.sql.ts";

export const DIFFICULTIES = ["easy", "intermediate", "hard"] as const;
export const TASK_STATUSES = ["open", "assigned", "in_progress", "completed", "cancelled"] as const;
export const ASSIGNMENT_ENDS = ["completed", "unassigned", "cancelled"] as const;

/** The most characters of a task's texts, and the most estimated hours. */
export const MAX_CHARACTERS = { title: 200, description: 5000, location: 500 } as const;
export const MAX_HOURS = 1000;

/** How coarse a place may be, in kilometres: the side of the cell whose middle is published. */
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
    /** The published place: with a precision the middle of its cell. The exact place is not stored then. */
    ...coordinates,
    coordinatesPrecisionKm: doublePrecision("coordinates_precision_km"),
    estimatedHours: numeric("estimated_hours", { precision: 6, scale: 2, mode: "number" }),
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
      sql`case status when 'open' then assignee_id is null when 'cancelled' then true else assignee_id is not null end`,
    ),
    check("tasks_hidden_rule", hidingRule),
    index("tasks_newest_idx").on(t.id.desc()),
    index("tasks_status_idx").on(t.status, t.id.desc()),
    index("tasks_difficulty_idx").on(t.difficulty, t.id.desc()),
    index("tasks_creator_id_idx").on(t.creatorId, t.id.desc()),
    index("tasks_assignee_id_idx").on(t.assigneeId, t.id.desc()),
    index("tasks_changes_idx").on(t.updatedAt, t.id),
    index("tasks_search_idx").using("gin", t.search),
  ],
);

/** The values that erase a task's location. */
export const CLEARED_LOCATION = {
  location: null,
  latitude: null,
  longitude: null,
  coordinatesPrecisionKm: null,
  metadata: {},
};
/** The values that replace a deleted creator's texts in a task that was never completed. */
export const ERASED_TASK = { title: "Task of a deleted member", description: "" };

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

/** All assignments and how they ended. At most one assignment of a task is open. */
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
    endedAt: timestamptz("ended_at"),
    endedAs: enumColumn("ended_as", ASSIGNMENT_ENDS),
  },
  (t) => [
    uniqueIndex("task_assignments_one_open_key")
      .on(t.taskId)
      .where(sql`ended_at is null`),
    index("task_assignments_task_id_idx").on(t.taskId),
    index("task_assignments_user_id_idx").on(t.userId),
    index("task_assignments_assigned_by_idx").on(t.assignedBy, t.id.desc()),
    check("task_assignments_end_rule", sql`(ended_at is null) = (ended_as is null)`),
    check("task_assignments_ended_as_rule", oneOf("ended_as", ASSIGNMENT_ENDS)),
  ],
);
