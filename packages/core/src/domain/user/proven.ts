import type { Member } from "../../platform/actor.ts";
import { Config } from "../../platform/config.ts";
import { AppError } from "../../platform/error.ts";

/**
 * Lets members act whose e-mail address is proved, or all of them where `EMAIL_PROOF_REQUIRED` is off.
 * @throws AppError EMAIL_NOT_VERIFIED, which says what has to be done
 */
export function assertProven(member: Member): void {
  if (member.hasProvenEmail === true || !Config.section("membership").EMAIL_PROOF_REQUIRED) return;
  throw new AppError("EMAIL_NOT_VERIFIED", {
    detail:
      "Prove your e-mail address first: follow the link in the mail that you got, or ask for another one with POST /v1/auth/email-proofs.",
  });
}
