import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { HIDING_REASON_MAX_CHARACTERS } from "../../platform/bounds.ts";

/** The mark of hidden content, for its owner and admins. */
export const Mark = v.strictObject({
  reason: Answer.text(HIDING_REASON_MAX_CHARACTERS, "It shows a child's face."),
  at: Answer.timestamp,
});
export type Mark = Answer.Of<typeof Mark>;

/** The field `hidden`, of all content that can be hidden. */
export const hidden = v.pipe(
  v.nullable(Mark),
  v.description(
    "Why and when an admin hid it; only its owner and admins see hidden content. Null if it is not hidden.",
  ),
);
