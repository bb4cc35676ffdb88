export { Code, MfaCode, renewRecoveryCodes } from "./code.ts";
export { openSecret, sealSecret } from "./seal.ts";
export { Totp } from "./totp.ts";
