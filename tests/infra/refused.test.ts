import { beforeAll, expect, test } from "vitest";
import { readDeployment } from "../../infra/deployment.ts";
import { evaluateEach } from "../../infra/evaluate/each.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";

beforeAll(() => ensurePlatform(ROOT), 600_000);

test("sst dev of a stage that serves people, and a wrong setting, end the deployment before its first resource", () => {
  const attempts = evaluateEach([
    { stage: "production", variables: {}, isDev: true },
    { stage: "wulan", variables: { GOTONG_MAIL_FROM: "no-address" }, isDev: false },
  ]);
  expect(attempts).toEqual([
    { refusal: expect.stringContaining("sst dev is not for the stage") },
    { refusal: expect.stringContaining("GOTONG_MAIL_FROM must be an e-mail address") },
  ]);
}, 120_000);

test.for([
  ["GOTONG_MAIL_FROM", "no-address", "must be an e-mail address"],
  ["GOTONG_PASSWORD_RESET_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_PROOF_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_CHANGE_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_REGISTRATION", "closed", "must be open or invitation"],
  ["GOTONG_COMMUNITY_UTC_OFFSETS", "Jakarta", "must be UTC offsets such as +07:00,+08:00"],
  ["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM", "tomorrow", "must be an RFC 3339 timestamp"],
] as const)("%s must be right", ([variable, value, problem]) => {
  expect(() => readDeployment({ MARKOV_API_URL: "https://markov.example.org", [variable]: value })).toThrow(
    `${variable} ${problem}`,
  );
});
