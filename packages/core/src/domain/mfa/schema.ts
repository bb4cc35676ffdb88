import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { ROLES } from "../../platform/actor.ts";
import { RECOVERY_CODES, RECOVERY_CODE_MAX_CHARACTERS } from "./mfa.sql.ts";

/** The second factor of a member. */
export const Status = v.strictObject({
  is_enabled: v.boolean(),
  recovery_codes_left: Answer.integer(0, RECOVERY_CODES),
  required_for: v.pipe(
    Answer.list(v.picklist(ROLES), ROLES.length),
    v.description("Your roles that are effective only in a session with a second factor."),
  ),
});
export type Status = Answer.Of<typeof Status>;

export const TotpSecret = v.strictObject({
  secret: v.pipe(Answer.text(64, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), v.description("Base32, to type into the app.")),
  uri: v.pipe(
    Answer.text(500, "otpauth://totp/Gotong%20Royong:sari?secret=JBSWY3DPEHPK3PXP"),
    v.description("To show as a QR code."),
  ),
});
export type TotpSecret = Answer.Of<typeof TotpSecret>;

export const RecoveryCodes = v.strictObject({
  recovery_codes: Answer.list(
    Answer.text(RECOVERY_CODE_MAX_CHARACTERS, "k3np-7wxe-m2qa-v9td-6hcs-r4yb"),
    RECOVERY_CODES,
  ),
});
export type RecoveryCodes = Answer.Of<typeof RecoveryCodes>;
