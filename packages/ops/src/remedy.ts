/** Messages of the AWS SDK if it is not configured, each with its remedy. */
const REMEDIES: readonly (readonly [message: RegExp, remedy: string])[] = [
  [/^Region is missing/, "set AWS_REGION to the region of the stage, such as ap-southeast-3"],
  [
    /^Could not load credentials/,
    "set AWS_PROFILE (after `aws sso login`), or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
  ],
  [/security token .* (expired|invalid)|ExpiredToken/i, "sign in again, with `aws sso login`"],
];

/** Returns a message of the SDK, with a remedy if the message is known. */
export function withRemedy(message: string): string {
  const found = REMEDIES.find(([pattern]) => pattern.test(message));
  return found ? `${message}: ${found[1]} (docs/first-deploy.md)` : message;
}
