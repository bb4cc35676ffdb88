import * as v from "valibot";
import { stageName, trueOrFalse, wholeNumber } from "./values.ts";

export const membership = v.pipe(
  v.object({
    STAGE: v.optional(stageName, "dev"),
    /** Whether everyone may register, or only invited people. */
    REGISTRATION: v.optional(v.picklist(["open", "invitation"], "must be open or invitation"), "open"),
    /** Upper limit of accounts that one client address (an IPv4 address, or an IPv6 /64, /56 or /48) may create in 24 hours. */
    REGISTRATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "50"),
    /** Whether members must verify their e-mail address before they act. True by default on every stage except `dev`. */
    EMAIL_PROOF_REQUIRED: v.optional(trueOrFalse),
    EMAIL_PROOF_HOURS: v.optional(wholeNumber(1, 720), "48"),
    /** Whether members in good standing may invite as well, in addition to admins. */
    INVITATIONS_BY_MEMBERS: v.optional(trueOrFalse, "false"),
    /** Upper limit of invitations that one inviter may send in 24 hours. */
    INVITATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
    INVITATION_DAYS: v.optional(wholeNumber(1, 90), "14"),
    /** Upper limit of members that one invitation link may admit; 0 disables links. */
    INVITATION_LINK_USES_MAX: v.optional(wholeNumber(0, 1000), "20"),
    /** Upper limit of invitation links that one inviter may create in 24 hours. */
    INVITATION_LINK_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1000), "3"),
    VOUCH_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "10"),
    /** Whether members can find each other by name and read the list of all members. */
    MEMBER_SEARCH: v.optional(trueOrFalse, "true"),
    /** Whether people without an account see the open tasks (`GET /v1/open-tasks`). */
    OPEN_TASKS: v.optional(trueOrFalse, "false"),
  }),
  v.transform(({ STAGE, EMAIL_PROOF_REQUIRED, ...settings }) => ({
    ...settings,
    EMAIL_PROOF_REQUIRED: (EMAIL_PROOF_REQUIRED ?? String(STAGE !== "dev")) === "true",
  })),
);

export const rules = v.object({
  /** Time for which a former username stays reserved. */
  USERNAME_FREE_AFTER_DAYS: v.optional(wholeNumber(0, 3650), "90"),
  VERIFICATION_QUORUM: v.optional(wholeNumber(1, 99), "3"),
  /** Upper limits of what one member may create in 24 hours: tasks, contributions (with or without a task), pieces of evidence. */
  TASK_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "100"),
  /** Upper limit, for one member in 24 hours, of claims, of assignments of other members, and of attendance marks. */
  ASSIGNMENT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  CONTRIBUTION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "100"),
  EVIDENCE_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  /** Upper limit of reports that one member may send in 24 hours. */
  REPORT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
  /** Upper limit of comments that one member may write in 24 hours. */
  COMMENT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "200"),
  /**
   * Upper limit, in 24 hours, of notifications of one kind that one member's actions send to another member. Above it,
   * further actions send none.
   */
  NOTIFICATION_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "50"),
  /**
   * Upper limit of one member's reads of personal data in 24 hours: other members' evidence, originals, exports and
   * proofs. The audit log records each of these reads.
   */
  AUDITED_READ_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "2000"),
  /** Upper limit of claimed and uncompleted tasks of one member. */
  CLAIM_LIMIT: v.optional(wholeNumber(1, 1_000_000), "20"),
  /** Upper limit of members whom one member may block. */
  BLOCK_LIMIT: v.optional(wholeNumber(1, 100_000), "1000"),
  /**
   * Upper limit of one member's uploads in 24 hours, in MiB. The minimum of 100 MiB admits one file of the maximum
   * size.
   */
  UPLOADS_MIB_PER_DAY: v.optional(wholeNumber(100, 1_000_000), "2000"),
  /**
   * Upper limit of one member's uploaded files that no evidence uses, in MiB. The minimum of 100 MiB admits one file of
   * the maximum size.
   */
  UNUSED_UPLOADS_MIB: v.optional(wholeNumber(100, 1_000_000), "2000"),
  /** Upper limit of pieces of evidence that the owner may add to a contribution. */
  EVIDENCE_LIMIT_OF_OWNER: v.optional(wholeNumber(1, 1000), "20"),
  /** Upper limit of pieces of evidence that each other member may add to a contribution. */
  EVIDENCE_LIMIT_OF_OTHERS: v.optional(wholeNumber(0, 1000), "5"),
  /**
   * Upper limit of pieces of evidence of one contribution, from all members. `EVIDENCE_LIMIT_OF_OWNER` of them stay
   * reserved for the owner.
   */
  EVIDENCE_LIMIT_IN_ALL: v.optional(wholeNumber(1, 2000), "50"),
});
