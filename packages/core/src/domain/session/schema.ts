import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { OwnInfo } from "../user/schema.ts";
import { MAX_CHARACTERS } from "./session.sql.ts";

const tokens = {
  access_token: v.pipe(
    Answer.text(2_000, "eyJhbGciOiJIUzI1NiJ9.e30.x"),
    v.description("A JWT; send it as `Authorization: Bearer`."),
  ),
  refresh_token: v.pipe(Answer.text(200, "pzVyq0"), v.description("Valid for 7 days, for one use.")),
  token_type: v.pipe(v.literal("Bearer"), v.metadata({ type: "string" })),
  expires_in: v.pipe(Answer.integer(1, 86_400), v.description("Seconds for which the access token is valid.")),
};

export const Tokens = v.strictObject(tokens);
export type Tokens = Answer.Of<typeof Tokens>;

export const SignedIn = v.strictObject({ ...tokens, user: OwnInfo });
export type SignedIn = Answer.Of<typeof SignedIn>;

/** A session as its member sees it. */
export const Info = v.strictObject({
  id: Answer.uuid,
  created_at: Answer.timestamp,
  last_used_at: v.pipe(Answer.timestamp, v.description("Time of the last token refresh.")),
  expires_at: v.pipe(Answer.timestamp, v.description("End of the session, regardless of refreshes.")),
  device: v.pipe(
    v.nullable(Answer.text(MAX_CHARACTERS.device, "Chrome on Android")),
    v.description("Type of browser and system."),
  ),
  network: v.pipe(
    v.nullable(Answer.text(MAX_CHARACTERS.network, "203.0.113.0/24")),
    v.description("An IPv4 /24 or an IPv6 /48."),
  ),
  is_current: v.pipe(v.boolean(), v.description("Whether this request belongs to the session.")),
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);
