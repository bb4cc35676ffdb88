import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { SKILLS_MAX } from "../../platform/bounds.ts";
import { hidden } from "../hidden/schema.ts";
import { MAX_CHARACTERS as SKILL_MAX_CHARACTERS } from "../skill/skill.sql.ts";
import { Person } from "../user/schema.ts";
import {
  ABSENCES_MAX,
  ASSIGNMENT_ENDS,
  CLAIM_HOURS_MAX,
  DIFFICULTIES,
  MAX_CHARACTERS,
  MAX_HOURS,
  PEOPLE_MAX,
  PRECISIONS_KM,
  REPEATS,
  TASK_STATUSES,
} from "./task.sql.ts";

const Assignee = v.strictObject({
  user: Person,
  status: v.picklist(["assigned", "in_progress", "completed"]),
  claim_expires_at: v.pipe(
    v.nullable(Answer.timestamp),
    v.description("Until when they must start, or their place is free again."),
  ),
});

/** A task with the fields that every member may see. Its location is public: the creator publishes it with the task. */
export const Info = v.strictObject({
  id: Answer.uuid,
  creator_id: Answer.uuid,
  creator: Person,
  assignee_id: v.nullable(Answer.uuid),
  assignee: v.pipe(v.nullable(Person), v.description("Null for a task that several people do.")),
  people_needed: Answer.integer(1, PEOPLE_MAX),
  places_left: v.pipe(Answer.integer(0, PEOPLE_MAX), v.description("How many members may still claim it.")),
  assignees: v.pipe(
    Answer.list(Assignee, PEOPLE_MAX),
    v.description("All who have a place in it or have completed it."),
  ),
  starts_at: v.nullable(Answer.timestamp),
  ends_at: v.nullable(Answer.timestamp),
  claim_hours: v.pipe(
    v.nullable(Answer.integer(1, CLAIM_HOURS_MAX)),
    v.description("How long a claim waits for its member to start; null: it does not end."),
  ),
  repeats: v.pipe(v.nullable(v.picklist(REPEATS)), v.description("When it is completed, the next one is made.")),
  repeat_of: v.pipe(v.nullable(Answer.uuid), v.description("The completed task after which this one was made.")),
  title: Answer.text(MAX_CHARACTERS.title, "Clear the drain"),
  description: Answer.text(MAX_CHARACTERS.description, "Before the rain comes."),
  difficulty: v.picklist(DIFFICULTIES),
  status: v.picklist(TASK_STATUSES),
  location: v.nullable(Answer.text(MAX_CHARACTERS.location, "Bandung")),
  coordinates: v.nullable(Answer.coordinates),
  coordinates_precision_km: v.pipe(
    v.nullable(v.picklist(PRECISIONS_KM)),
    v.description("The place is somewhere in a square of this side around the coordinates; null if they are exact."),
  ),
  distance_km: v.pipe(
    v.optional(Answer.number(0, 20_100)),
    v.description("The distance of the coordinates from `near`; only in lists with `near`."),
  ),
  estimated_hours: v.nullable(Answer.number(0, MAX_HOURS)),
  skill_ids: Answer.skillIds,
  metadata: Answer.metadata,
  created_at: Answer.timestamp,
  updated_at: Answer.timestamp,
  started_at: v.nullable(Answer.timestamp),
  completed_at: v.nullable(Answer.timestamp),
  cancelled_at: v.nullable(Answer.timestamp),
  hidden,
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);

/** A member who was expected at a task. */
export const Attendance = v.strictObject({
  user: Person,
  status: v.pipe(
    v.picklist(["assigned", "in_progress", ...ASSIGNMENT_ENDS]),
    v.description("Of their place; one that was given back is shown if that was after the work was to begin."),
  ),
  was_present: v.pipe(v.nullable(v.boolean()), v.description("Null until it is marked.")),
  marked_by: v.nullable(Person),
  marked_at: v.nullable(Answer.timestamp),
  absences: v.pipe(
    v.nullable(Answer.integer(0, ABSENCES_MAX)),
    v.description(
      `How often they were marked as absent in the last year, up to ${ABSENCES_MAX}; null unless the caller is the task's creator, an admin or that member.`,
    ),
  ),
});
export type Attendance = Answer.Of<typeof Attendance>;
export const AttendancePage = Answer.page(Attendance);

const { id, title, difficulty, people_needed, places_left, starts_at, ends_at, coordinates, estimated_hours } =
  Info.entries;

/** An open task with the fields that people without an account may see. */
export const Open = v.pipe(
  v.strictObject({
    id,
    title,
    difficulty,
    people_needed,
    places_left,
    starts_at,
    ends_at,
    coordinates,
    coordinates_precision_km: v.pipe(
      v.nullable(v.picklist(PRECISIONS_KM)),
      v.description("The place is somewhere in a square of this side around the coordinates."),
    ),
    estimated_hours,
    skills: Answer.list(Answer.text(SKILL_MAX_CHARACTERS.name, "Bricklaying"), SKILLS_MAX),
    created_at: Info.entries.created_at,
  }),
  v.description("An open task as people without an account see it."),
);
export type Open = Answer.Of<typeof Open>;
export const OpenPage = Answer.page(Open);
