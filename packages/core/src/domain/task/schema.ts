import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { hidden } from "../hidden/schema.ts";
import { Person } from "../user/schema.ts";
import { DIFFICULTIES, MAX_CHARACTERS, MAX_HOURS, PRECISIONS_KM, TASK_STATUSES } from "./task.sql.ts";

/** A task as every member sees it. Its location is public: the creator publishes it with the task. */
export const Info = v.strictObject({
  id: Answer.uuid,
  creator_id: Answer.uuid,
  creator: Person,
  assignee_id: v.nullable(Answer.uuid),
  assignee: v.nullable(Person),
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
