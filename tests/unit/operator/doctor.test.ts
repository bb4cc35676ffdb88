import { expect, test } from "vitest";
import { examineAccount } from "@gotong/ops/doctor/account.ts";
import { doctor } from "@gotong/ops/doctor/doctor.ts";
import { ok, problem, reportOf, warning } from "@gotong/ops/doctor/finding.ts";
import type { Shell } from "@gotong/ops/shell.ts";

const REPORT = {
  stage: "tenant-bandung",
  needs: { concurrency: 22, elasticIps: 0, vpcs: 1 },
  limits: { concurrency: 10, elasticIps: 5, vpcs: 5 },
  used: { concurrency: 0, elasticIps: 0, vpcs: 2 },
  problems: ['"Concurrent executions" is 10; the stage needs 22'],
};
const answering = (code: number, out: unknown, err = ""): Shell => ({
  run: async () => ({ code, out: JSON.stringify(out), err }),
});

test("doctor --aws prints the stage's quota needs, the account's quotas and the remedy, and exits with 1 if there is a problem", async () => {
  const bad = await examineAccount("tenant-bandung", answering(0, REPORT));
  expect(bad.isAlarming).toBe(true);
  expect(bad.text).toContain("22 concurrent executions of 10");
  expect(bad.text).toContain("1 network of 3 free");
  expect(bad.text).toContain('- "Concurrent executions" is 10; the stage needs 22');
  const good = await examineAccount("tenant-bandung", answering(0, { ...REPORT, problems: [] }));
  expect(good.isAlarming).toBe(false);
  expect(good.text).toContain("the account is large enough");
});

test("doctor --aws fails if AWS denies a request, and requires the stage", async () => {
  const denied = answering(1, {}, "User is not authorized to perform: servicequotas:GetServiceQuota\n");
  await expect(examineAccount("tenant-bandung", denied)).rejects.toThrow("servicequotas:GetServiceQuota");
  await expect(doctor({ aws: true })).rejects.toThrow("gotong doctor --aws --stage <name>");
});

test("a doctor report prints the remedy below each problem; a report with only warnings exits with 0", () => {
  const good = reportOf([ok("Node", "v24"), warning("cache", "there is none", "set REDIS_URL")]);
  expect(good.text).toContain("warning  cache: there is none\n         set REDIS_URL\n");
  expect(good.text).toContain("nothing stands in the way");
  expect(good.isAlarming).toBe(false);
  const bad = reportOf([ok("Node", "v24"), problem("migrations", "0002 is missing", "gotong migrate up")]);
  expect(bad.text).toContain("PROBLEM  migrations: 0002 is missing\n         gotong migrate up\n");
  expect([bad.isAlarming, bad.text.includes("1 of 2 are problems")]).toEqual([true, true]);
});
