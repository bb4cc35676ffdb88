import { expect, test } from "vitest";
import { needsVerifiedEmail } from "./verified-email.ts";

test.each([
  ["POST", "/v1/tasks", true],
  ["PUT", "/v1/users/u/block", true],
  ["PATCH", "/v1/tasks/t", true],
  ["DELETE", "/v1/vouches/v", true],
  ["GET", "/v1/tasks", false],
  ["HEAD", "/v1/tasks", false],
  ["OPTIONS", "/v1/tasks", false],
  ["POST", "/v1/auth", false],
  ["POST", "/v1/auth/email-proofs", false],
  ["PATCH", "/v1/me", false],
  ["POST", "/v1/me/mfa", false],
  ["POST", "/v1/me/avatar/uploads", true],
  ["PUT", "/v1/me/avatar", true],
  ["DELETE", "/v1/me/avatar", false],
  ["GET", "/v1/me/avatar", false],
  ["PUT", "/v1/me/avatars", false],
  // Paths that only begin with the letters of a group are not in that group.
  ["POST", "/v1/authors", true],
  ["POST", "/v1/members", true],
  ["POST", "/health", false],
])("%s %s requires a verified e-mail address: %s", (method, path, expected) => {
  expect(needsVerifiedEmail(method, path)).toBe(expected);
});
