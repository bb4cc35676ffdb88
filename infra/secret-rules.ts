import { isWeak } from "../packages/core/src/platform/config/secrets.ts";

/** The required secrets of a stage. {@link DURING_ROTATION} lists those that are empty except during a rotation. */
const NEEDED = ["JwtKey", "WebhookSecret", "MarkovToken"] as const;
const DURING_ROTATION = ["JwtKeyPrevious", "WebhookSecretPrevious"] as const;
/** Minimum length of a secret with which API and workers start (packages/core/src/platform/config/values.ts). */
const LEAST_CHARACTERS = 32;

/**
 * Returns the problems of a stage's secrets, which SST passes in the environment. With a short or guessable secret
 * every function would fail at start, after everything was created. The messages contain the name of the secret,
 * never its value.
 */
export function problemsOfSecrets(variables: Readonly<Record<string, string | undefined>>, stage: string): string[] {
  const valueOf = (name: string) => variables[`SST_SECRET_${name}`] ?? "";
  const way = (name: string) => {
    const value = name === "MarkovToken" ? "<the token that Markov gave>" : "$(openssl rand -hex 32)";
    return `npx sst secret set ${name} ${value} --stage ${stage}`;
  };
  const missing = NEEDED.filter((name) => valueOf(name) === "").map((name) => `${name} is not set: ${way(name)}`);
  const wrong = [...NEEDED, ...DURING_ROTATION].flatMap((name) => {
    const value = valueOf(name);
    if (value === "") return [];
    if ([...value].length < LEAST_CHARACTERS)
      return [`${name} has fewer than ${LEAST_CHARACTERS} characters: ${way(name)}`];
    return isWeak(value) ? [`${name} is a well-known or guessable value: ${way(name)}`] : [];
  });
  return [...missing, ...wrong];
}
