import * as v from "valibot";
import { stageName, wholeNumber } from "./config-values.ts";

/** Who may join and act, and how much of it. */
export const MEMBERSHIP = v.pipe(
  v.object({
    STAGE: v.optional(stageName, "dev"),
    /** Who may register: everyone, or only invited people. */
    REGISTRATION: v.optional(v.picklist(["open", "invitation"], "must be open or invitation"), "open"),
    /** Accounts that one client address (an IPv4 address, or a /64, /56 or /48 of IPv6) may create in 24 hours. */
    REGISTRATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "50"),
    /** Whether members must verify their e-mail address before they act; default: on every stage but `dev`. */
    EMAIL_PROOF_REQUIRED: v.optional(v.picklist(["true", "false"], "must be true or false")),
    EMAIL_PROOF_HOURS: v.optional(wholeNumber(1, 720), "48"),
    /** Whether members in good standing may invite too, beside admins. */
    INVITATIONS_BY_MEMBERS: v.optional(v.picklist(["true", "false"], "must be true or false"), "false"),
    /** Invitations that one inviter may send in 24 hours. */
    INVITATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
    INVITATION_DAYS: v.optional(wholeNumber(1, 90), "14"),
    VOUCH_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "10"),
    /** Whether members find each other by the beginning of a name. */
    MEMBER_SEARCH: v.optional(v.picklist(["true", "false"], "must be true or false"), "true"),
  }),
  v.transform(({ STAGE, EMAIL_PROOF_REQUIRED, ...settings }) => ({
    ...settings,
    EMAIL_PROOF_REQUIRED: (EMAIL_PROOF_REQUIRED ?? String(STAGE !== "dev")) === "true",
  })),
);
