import * as v from "valibot";
import { EVIDENCE_TYPES } from "../../outbox/index.ts";
import { Answer } from "../../platform/answer.ts";
import { entries } from "../contribution/schema.ts";

/** Upper limit of different finding codes of one contribution; never reached, since fewer codes exist. */
export const MAX_FINDING_CODES = 50;

export const Info = v.pipe(
  v.strictObject({
    ...entries,
    accepted_total: v.pipe(Answer.integer(0), v.description("The number of accepted pieces of evidence.")),
    evidence_types: v.pipe(
      Answer.list(v.picklist(EVIDENCE_TYPES), EVIDENCE_TYPES.length),
      v.description("The types of the accepted pieces."),
    ),
    quality_score: v.pipe(Answer.number(0, 1), v.description("Computed from the accepted evidence.")),
    reputation_multiplier: Answer.number(1, 1.5),
    findings: v.pipe(
      Answer.list(
        v.strictObject({ code: Answer.text(100, "exif_place"), count: Answer.integer(1) }),
        MAX_FINDING_CODES,
      ),
      v.description("Reasons to doubt its evidence that prove no fraud, and how often each was found."),
    ),
    thumbnail: v.pipe(
      v.nullable(Answer.text(100, "/v1/evidence/01890a5d-ac96-774b-bcce-b302099a8057/thumbnail")),
      v.description("The path that answers a URL of the first accepted picture's thumbnail."),
    ),
    verifications_total: v.pipe(Answer.integer(0), v.description("The number of votes so far.")),
  }),
  v.description("A contribution that waits for the caller's vote."),
);
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
