import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { changesOf, printChanges } from "@gotong/ops/cost/changes.ts";
import { cost } from "@gotong/ops/cost/command.ts";
import { PRICES } from "@gotong/ops/cost/prices.ts";
import type { Shell } from "@gotong/ops/shell.ts";

const RESOURCES = [
  { type: "aws:lambda/function:Function", name: "ApiFunction", inputs: { memorySize: 512 } },
  { type: "aws:cloudwatch/dashboard:Dashboard", name: "Dashboard", inputs: {} },
  { type: "aws:cloudwatch/logGroup:LogGroup", name: "ApiLogs", inputs: { retentionInDays: 30 } },
];
/** Returns a fixed evaluation of a stage, and records the requested variants. */
class Evaluations implements Shell {
  readonly asked: string[] = [];
  answer = { code: 0, out: JSON.stringify(RESOURCES), err: "" };
  async run(program: readonly [string, ...string[]], variables: Readonly<Record<string, string>> = {}) {
    this.asked.push([...Object.entries(variables).map(([name, value]) => `${name}=${value}`), ...program].join(" "));
    return this.answer;
  }
}

test("gotong cost prints services, the cost when idle, cost drivers, the cost of monitoring, and the first design's cost", async () => {
  const shell = new Evaluations();
  const { text, data } = await cost({ stage: "production", users: "10000", size: "small" }, shell);
  expect(shell.asked[0]).toMatch(/^GOTONG_SIZE=small .*infra\/evaluate\/resources\.ts production$/);
  expect(text).toMatch(/production, 10,000 users/);
  expect(text).toMatch(/when idle/);
  expect(text).toMatch(/ApiFunction: time of invocations/);
  expect(text).toMatch(/metrics, alarms and dashboards \$3\.00, logs \$\d/);
  expect(text).toMatch(/on Kubernetes, with the same prices: \$\d+ \(it stated \$275\)/);
  expect(data).toMatchObject({ stage: "production", load: { users: 10_000 }, floorUsd: 3 });
});

test("gotong cost as CSV has every line with its price and source, and its dollars add up to the bill", async () => {
  const { text, data } = await cost({ users: "10000", format: "csv" }, new Evaluations());
  const [header, ...rows] = text.trimEnd().split("\r\n");
  expect(header).toBe("service,resource,driver,quantity,unit,price_usd,usd,source,as_of");
  const total = rows.reduce((sum, row) => sum + Number(/,(\d+\.\d{4}),https:/.exec(row)?.[1]), 0);
  expect(total).toBeCloseTo(Number(Reflect.get(Object(data), "usd")), 2);
  expect(text).toContain(PRICES.lambdaCompute.source);
});

test("gotong cost as SVG has a bar for each service with a cost, and escapes the stage's name", async () => {
  const { text } = await cost({ stage: "a<b", format: "svg" }, new Evaluations());
  expect(text).toMatch(/^<svg xmlns/);
  expect(text).toContain("a&lt;b");
  for (const service of ["Lambda", "CloudWatch", "on Kubernetes"]) expect(text).toContain(`>${service}</text>`);
});

test("gotong cost reads a load profile from a file, and names an unknown field in the error", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "gotong-load-")), "load.json");
  writeFileSync(file, JSON.stringify({ name: "market day", users: 300, requests: 1_000_000 }));
  const { data } = await cost({ load: file }, new Evaluations());
  expect(data).toMatchObject({ load: { name: "market day", users: 300, requests: 1_000_000, photoMb: 2 } });
  writeFileSync(file, JSON.stringify({ name: "x", users: 300, requsts: 1 }));
  await expect(cost({ load: file }, new Evaluations())).rejects.toThrow("requsts");
});

test("gotong cost with wrong options, or for a stage that cannot be evaluated, fails with the reason", async () => {
  await expect(cost({ users: "many" }, new Evaluations())).rejects.toThrow("--users must be a whole number");
  await expect(cost({ users: "1", load: "x" }, new Evaluations())).rejects.toThrow("either --users or --load");
  await expect(cost({ format: "pdf" }, new Evaluations())).rejects.toThrow("--format must be");
  const failing = new Evaluations();
  failing.answer = { code: 1, out: "", err: "GOTONG_SIZE is for production\n" };
  await expect(cost({ size: "small" }, failing)).rejects.toThrow("GOTONG_SIZE is for production");
});

test("a change of the bill shows stage, service and both figures; less than a cent is not a change", () => {
  const before = { "tenant, idle": { Aurora: 0.1, KMS: 1 }, "old, idle": { SQS: 2 } };
  const after = { "tenant, idle": { Aurora: 0.104, KMS: 3 }, "new, idle": { WAF: 5 } };
  const changes = changesOf(before, after);
  expect(printChanges(changes)).toBe(
    "new, idle: WAF +$5.00 (from $0.00 to $5.00)\ntenant, idle: KMS +$2.00 (from $1.00 to $3.00)\nold, idle: SQS -$2.00 (from $2.00 to $0.00)\n",
  );
  expect(printChanges(changesOf(after, after))).toBe("the bills are the same\n");
});
