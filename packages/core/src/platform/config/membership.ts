import * as v from "valibot";
import { stageName, trueOrFalse, wholeNumber } from "./values.ts";

export const membership = v.pipe(
  v.object({
    STAGE: v.optional(stageName, "dev"),
    /** Who may register: everyone, or only invited people. */
    REGISTRATION: v.optional(v.picklist(["open", "invitation"], "must be open or invitation"), "open"),
    /** Accounts that one client address (an IPv4 address, or a /64, /56 or /48 of IPv6) may create in 24 hours. */
    REGISTRATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "50"),
    /** Whether members must verify their e-mail address before they act; default: on every stage but `dev`. */
    EMAIL_PROOF_REQUIRED: v.optional(trueOrFalse),
    EMAIL_PROOF_HOURS: v.optional(wholeNumber(1, 720), "48"),
    /** Whether members in good standing may invite too, beside admins. */
    INVITATIONS_BY_MEMBERS: v.optional(trueOrFalse, "false"),
    /** Invitations that one inviter may send in 24 hours. */
    INVITATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
    INVITATION_DAYS: v.optional(wholeNumber(1, 90), "14"),
    VOUCH_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "10"),
    /** Whether members find each other by name, and read the list of all members. */
    MEMBER_SEARCH: v.optional(trueOrFalse, "true"),
  }),
  v.transform(({ STAGE, EMAIL_PROOF_REQUIRED, ...settings }) => ({
    ...settings,
    EMAIL_PROOF_REQUIRED: (EMAIL_PROOF_REQUIRED ?? String(STAGE !== "dev")) === "true",
  })),
);

export const rules = v.object({
  /** How long a former username stays reserved. */
  USERNAME_FREE_AFTER_DAYS: v.optional(wholeNumber(0, 3650), "90"),
  VERIFICATION_QUORUM: v.optional(wholeNumber(1, 99), "3"),
  /** What one member may make in 24 hours: tasks, contributions (of tasks or without), pieces of evidence. */
  TASK_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "100"),
  /** Claims, assignments of other members, and marks of who came. */
  ASSIGNMENT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  CONTRIBUTION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "100"),
  EVIDENCE_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  /** Reports that one member may make in 24 hours. */
  REPORT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
  /** Comments that one member may make in 24 hours. */
  COMMENT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  /** Reads of one member that the audit log records, in 24 hours: evidence of others, originals, exports, proofs. */
  AUDITED_READ_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "2000"),
  /** Tasks that one member may have claimed and not completed. */
  CLAIM_LIMIT: v.optional(wholeNumber(1, 1_000_000), "20"),
  /** Members that one member may block. */
  BLOCK_LIMIT: v.optional(wholeNumber(1, 100_000), "1000"),
  /** Pieces of evidence that the owner may add to a contribution. */
  EVIDENCE_LIMIT_OF_OWNER: v.optional(wholeNumber(1, 1000), "20"),
  /** Pieces that any other member may add to it. */
  EVIDENCE_LIMIT_OF_OTHERS: v.optional(wholeNumber(0, 1000), "5"),
  /** Pieces in all; the owner's share is reserved for the owner. */
  EVIDENCE_LIMIT_IN_ALL: v.optional(wholeNumber(1, 2000), "50"),
});
