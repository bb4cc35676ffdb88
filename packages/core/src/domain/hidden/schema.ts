import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { HIDING_REASON_MAX_CHARACTERS } from "../../platform/bounds.ts";

/** That a piece of content is hidden, as its owner and admins see it. */
export const Mark = v.strictObject({
  reason: Answer.text(HIDING_REASON_MAX_CHARACTERS, "It shows a child's face."),
  at: Answer.timestamp,
});
export type Mark = Answer.Of<typeof Mark>;

/** The field of every piece of content that can be hidden. */
export const hidden = v.pipe(
  v.nullable(Mark),
  v.description("That an admin hid it, why and when: only its owner and admins see what is hidden. Null for all else."),
);
