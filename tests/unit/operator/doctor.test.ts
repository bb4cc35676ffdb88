import { expect, test } from "vitest";
import { doctor } from "@gotong/ops/doctor.ts";
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

test("doctor --aws prints what the stage needs, what the account has left and the remedy, and exits with 1 if there is a problem", async () => {
  const bad = await doctor({ aws: true, stage: "tenant-bandung" }, answering(0, REPORT));
  expect(bad.isAlarming).toBe(true);
  expect(bad.text).toContain("22 concurrent executions of 10");
  expect(bad.text).toContain("1 network of 3 free");
  expect(bad.text).toContain('- "Concurrent executions" is 10; the stage needs 22');
  const good = await doctor({ aws: true, stage: "tenant-bandung" }, answering(0, { ...REPORT, problems: [] }));
  expect(good.isAlarming).toBe(false);
  expect(good.text).toContain("the account is large enough");
});

test("a refusal by AWS fails the doctor, and the stage is required", async () => {
  const denied = answering(1, {}, "User is not authorized to perform: servicequotas:GetServiceQuota\n");
  await expect(doctor({ aws: true, stage: "tenant-bandung" }, denied)).rejects.toThrow("servicequotas:GetServiceQuota");
  await expect(doctor({ aws: true }, answering(0, REPORT))).rejects.toThrow("gotong doctor --aws --stage <name>");
});
