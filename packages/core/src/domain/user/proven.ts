import type { Member } from "../../platform/actor.ts";
import { Config } from "../../platform/config.ts";
import { AppError } from "../../platform/error.ts";

/**
 * Requires a verified e-mail address, unless `EMAIL_PROOF_REQUIRED` is off.
 * @throws AppError EMAIL_NOT_VERIFIED, whose detail states the next step
 */
export function assertProven(member: Member): void {
  if (member.hasProvenEmail === true || !Config.section("membership").EMAIL_PROOF_REQUIRED) return;
  throw new AppError("EMAIL_NOT_VERIFIED", {
    detail:
      "Verify your e-mail address first: follow the link in the mail that you received, or request another one with POST /v1/auth/email-proofs.",
  });
}
