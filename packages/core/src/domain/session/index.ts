export { Session } from "./session.ts";
export type { Client } from "./client.ts";
export { Lockout } from "./lockout.ts";
export { LockoutRules } from "./lockout-rules.ts";
export { OwnPassword } from "./own-password.ts";
export { OwnSessions } from "./own.ts";
export { SessionRecord } from "./record.ts";
export { PasswordReset } from "./reset.ts";
export { countingFailures, takeCode } from "./second-factor.ts";
