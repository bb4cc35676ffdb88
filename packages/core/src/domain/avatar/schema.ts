import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { uploadTarget } from "../evidence/schema.ts";
import { hidden } from "../hidden/schema.ts";

/** The upload of a profile picture. */
export const AvatarUpload = v.strictObject(uploadTarget);
export type AvatarUpload = Answer.Of<typeof AvatarUpload>;

export const OwnAvatar = v.pipe(
  v.strictObject({
    avatar_url: v.pipe(
      v.nullable(Answer.text(200, `/v1/avatars/${"9f86d081884c7d65".repeat(4)}`)),
      v.description("What others see; null without a picture, and while it is hidden."),
    ),
    status: v.pipe(
      v.picklist(["none", "examining", "accepted", "refused"]),
      v.description("Of the picture that was set last. A former picture stays visible until the new one is accepted."),
    ),
    refusal: v.nullable(
      v.strictObject({
        code: Answer.text(50, "UNDECODABLE"),
        detail: Answer.text(500, "The file is damaged or is no valid image/jpeg."),
      }),
    ),
    hidden,
  }),
  v.description("The member's own profile picture."),
);
export type OwnAvatar = Answer.Of<typeof OwnAvatar>;
