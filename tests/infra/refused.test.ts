import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";

beforeAll(() => ensurePlatform(ROOT), 600_000);

/** Evaluates one stage in a process of its own. */
function evaluateStage(stage: string, variables: Record<string, string>, isDev: boolean) {
  const variant = JSON.stringify({ id: stage, stage, variables, isDev });
  const code = `import { evaluate } from ${JSON.stringify(join(ROOT, "infra/evaluate/evaluate.ts"))};
    await evaluate(${JSON.stringify(ROOT)}, ${variant});`;
  return spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: ROOT,
    encoding: "utf8",
    timeout: 90_000,
  });
}

test("sst dev is refused for a stage that serves people", () => {
  const { status, stderr } = evaluateStage("production", {}, true);
  expect([status, stderr]).toEqual([1, expect.stringContaining("sst dev is not for the stage")]);
});

test.for([
  ["GOTONG_MAIL_FROM", "no-address", "must be an e-mail address"],
  ["GOTONG_PASSWORD_RESET_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_PROOF_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_CHANGE_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_REGISTRATION", "closed", "must be open or invitation"],
  ["GOTONG_COMMUNITY_UTC_OFFSETS", "Jakarta", "must be UTC offsets such as +07:00,+08:00"],
  ["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM", "tomorrow", "must be an RFC 3339 timestamp"],
] as const)("%s must be right", ([variable, value, problem]) => {
  const { status, stderr } = evaluateStage("wulan", { [variable]: value }, false);
  expect([status, stderr]).toEqual([1, expect.stringContaining(`${variable} ${problem}`)]);
});
