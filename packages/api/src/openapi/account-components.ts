import { type Schema, list, moment, nullable, object, oneOf, page, text, uuid, whole } from "./schema.ts";

/** The schemas of the answers about accounts and sessions, by name: see {@link SCHEMAS} of components.ts. */
export const ACCOUNT_SCHEMAS: Readonly<Record<string, Schema>> = {
  Session: object({
    id: uuid,
    created_at: moment,
    last_used_at: { ...moment, description: "When its tokens were last renewed." },
    expires_at: { ...moment, description: "When it ends, however often it is renewed." },
    device: { ...nullable(text(100, "Chrome on Android")), description: "The kind of browser and system." },
    network: { ...nullable(text(50, "203.0.113.0/24")), description: "About where: an IPv4 /24 or an IPv6 /48." },
    is_current: { type: "boolean", description: "The session of this request." },
  }),
  SessionPage: page("Session"),
  Mfa: object({
    is_enabled: { type: "boolean" },
    recovery_codes_left: whole(0, 10),
    required_for: {
      ...list(oneOf("contributor", "verifier", "admin"), 3),
      description: "Your roles that count only in a session with a second factor.",
    },
  }),
  TotpSecret: object({
    secret: { ...text(64, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), description: "Base32, to be typed into the app." },
    uri: {
      ...text(500, "otpauth://totp/Gotong%20Royong:sari?secret=JBSWY3DPEHPK3PXP"),
      description: "To be shown as a QR code.",
    },
  }),
  RecoveryCodes: object({ recovery_codes: list(text(40, "k3np-7wxe-m2qa-v9td-6hcs-r4yb"), 10) }),
};
