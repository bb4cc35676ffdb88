import * as v from "valibot";
import { Actor } from "../../platform/actor.ts";
import { Clock } from "../../platform/clock.ts";
import { Db } from "../../platform/db/index.ts";
import { Id } from "../../platform/id.ts";
import { Input } from "../../platform/input.ts";
import { type KINDS, MAX_CHARACTERS, comments } from "./comment.sql.ts";

/** The reason for an act on a task, which is stored as a comment. */
export const Reason = v.optional(Input.text(1, MAX_CHARACTERS.text));

/**
 * Records the current member's reason for an act on a task, in the transaction of the act. Does nothing without a
 * reason.
 */
export async function recordReason(
  taskId: string,
  kind: Exclude<(typeof KINDS)[number], "comment">,
  text: string | undefined,
): Promise<void> {
  if (text === undefined) return;
  const authorId = Actor.member().userId;
  await Db.use().insert(comments).values({ id: Id.uuid(), taskId, authorId, kind, text, createdAt: Clock.now() });
}
