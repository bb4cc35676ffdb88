import type { Variables } from "./values.ts";

/** Pattern of values from examples and documentation, which are not secret. */
const WELL_KNOWN = /change[-_ ]?me|replace|example|default|secret-?key|minioadmin|^(.)\1+$|^(dev|test|local)[-_]/i;

const SECRETS = [
  "GOTONG_ROYONG_WEBHOOK_SECRET",
  "GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS",
  "MARKOV_API_TOKEN",
  "JWT_KEY",
  "JWT_KEY_PREVIOUS",
  "PROOF_KEY",
  "PUSH_KEY",
  "MAIL_KEY",
  "MAIL_KEY_PREVIOUS",
];

/** Whether a secret comes from an example or consists of a few repeated characters. */
export const isWeak = (value: string): boolean => WELL_KNOWN.test(value) || new Set(value).size < 10;

/** The problems of weak secrets, which fail the boot outside development. See {@link isWeak}. */
export function weakSecrets(names: readonly string[], source: Variables): string[] {
  return names
    .filter((name) => SECRETS.includes(name))
    .filter((name) => {
      const value = source[name];
      return value !== undefined && isWeak(value);
    })
    .map(
      (name) =>
        `${name} is a well-known or guessable value: make a random one, for example with "openssl rand -hex 32"`,
    );
}
