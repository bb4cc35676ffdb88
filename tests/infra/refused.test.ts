import { beforeAll, expect, test } from "vitest";
import { type Attempt, evaluateEach } from "../../infra/evaluate/each.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";

const WRONG = [
  ["GOTONG_MAIL_FROM", "no-address", "must be an e-mail address"],
  ["GOTONG_PASSWORD_RESET_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_PROOF_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_CHANGE_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_REGISTRATION", "closed", "must be open or invitation"],
  ["GOTONG_COMMUNITY_UTC_OFFSETS", "Jakarta", "must be UTC offsets such as +07:00,+08:00"],
  ["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM", "tomorrow", "must be an RFC 3339 timestamp"],
] as const;

let inDev: Attempt | undefined;
let attempts: readonly Attempt[];
beforeAll(async () => {
  await ensurePlatform(ROOT);
  [inDev, ...attempts] = evaluateEach([
    { stage: "production", variables: {}, isDev: true },
    ...WRONG.map(([variable, value]) => ({ stage: "wulan", variables: { [variable]: value }, isDev: false })),
  ]);
}, 600_000);

test("sst dev is refused for a stage that serves people", () => {
  expect(inDev).toEqual({ refusal: expect.stringContaining("sst dev is not for the stage") });
});

test.for(WRONG.map((wrong, index) => [...wrong, index] as const))(
  "%s must be right",
  ([variable, , problem, index]) => {
    expect(attempts[index]).toEqual({ refusal: expect.stringContaining(`${variable} ${problem}`) });
  },
);
