import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { HIDING_REASON_MAX_CHARACTERS } from "../../platform/bounds.ts";

/** The reason and time of hiding, which only the content's owner and admins see. */
export const Mark = v.strictObject({
  reason: Answer.text(HIDING_REASON_MAX_CHARACTERS, "It shows a child's face."),
  at: Answer.timestamp,
});
export type Mark = Answer.Of<typeof Mark>;

/** The response field `hidden` of all content that can be hidden. */
export const hidden = v.pipe(
  v.nullable(Mark),
  v.description(
    "Why and when an admin hid it; only its owner and admins see hidden content. Null if it is not hidden.",
  ),
);
