import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { billOf, byService, idleBillOf, printBill } from "@gotong/ops/cost/bill.ts";
import { PRICES } from "@gotong/ops/cost/prices.ts";
import { IDLE, SMALL_COMMUNITY, SPREAD_COMMUNITY, profileOf } from "@gotong/ops/cost/profile.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

const resourcesOf = (id: string) => {
  const found = all.find(({ variant }) => variant.id === id);
  if (!found) throw new Error(`there is no variant ${id}`);
  return found.resources;
};

test("every evaluated resource has a price or is free; the bill throws on any other type", () => {
  for (const { resources, variant } of all) {
    const bill = billOf(resources, profileOf(10_000));
    expect(bill.usd, variant.id).toBeGreaterThan(idleBillOf(resources).usd);
  }
  const unknown = { type: "aws:redshift/cluster:Cluster", name: "Warehouse", inputs: {} };
  expect(() => billOf([unknown], profileOf(1))).toThrow("aws:redshift/cluster:Cluster has no price");
  const worker = { type: "aws:lambda/function:Function", name: "NewWorkerFunction", inputs: { memorySize: 256 } };
  expect(() => billOf([worker], profileOf(1))).toThrow("NewWorker of NewWorkerFunction has no price");
});

test("every line of a bill comes from a resource and a price, and the totals of the services add up to the bill", () => {
  const bill = billOf(resourcesOf("production"), profileOf(10_000));
  const names = new Set(resourcesOf("production").map(({ name }) => name));
  for (const { resource, price, quantity, usd } of bill.lines) {
    expect(names).toContain(resource);
    expect(usd).toBeCloseTo(PRICES[price].usd * quantity, 10);
  }
  expect(byService(bill).reduce((sum, { usd }) => sum + usd, 0)).toBeCloseTo(bill.usd, 6);
});

test("every price has its unit, its source and the date when it was looked up", () => {
  for (const price of Object.values(PRICES)) {
    expect(price.usd).toBeGreaterThan(0);
    expect(price.unit).not.toBe("");
    expect(price.source).toMatch(/^https:\/\/aws\.amazon\.com\//);
    expect(price.asOf).toMatch(/^20\d\d-\d\d$/);
  }
});

test("an auto-pausing database is billed for its running hours, a database that never pauses for all hours", () => {
  const capacity = (id: string, hours: number) =>
    billOf(resourcesOf(id), { ...SMALL_COMMUNITY, databaseAwakeHours: hours }).lines.filter(
      ({ price }) => price === "acuHour",
    );
  expect(capacity("tenant-bandung", 10).map(({ quantity }) => quantity)).toEqual([5]);
  expect(capacity("production", 10).map(({ quantity }) => quantity)).toEqual([365, 365]);
});

test.each([
  ["tenant-bandung", 1.5],
  ["tenant-bandung with Valkey Serverless", 7.5],
])("an idle %s costs at most $%d a month, including the polling of its queues", (id, most) => {
  const bill = idleBillOf(resourcesOf(id));
  process.stdout.write(`${id}\n${printBill(bill)}\n`);
  expect(bill.usd).toBeLessThanOrEqual(most);
});

test.each([
  ["tenant-bandung", SMALL_COMMUNITY, 4],
  ["production, small", profileOf(10_000), 100],
  ["production, medium", profileOf(100_000), 450],
] as const)("the monthly bill of %s stays below its promised limit", (id, profile, most) => {
  const bill = billOf(resourcesOf(id), profile);
  process.stdout.write(`${id}\n${printBill(bill)}\n`);
  expect(bill.usd).toBeLessThanOrEqual(most);
});

test.each([
  ["tenant-bandung", SPREAD_COMMUNITY],
  ["production", profileOf(10_000)],
  ["production", profileOf(100_000)],
] as const)("the bill of %s under load is higher than its bill when idle", (id, profile) => {
  const bill = billOf(resourcesOf(id), profile);
  process.stdout.write(`${id}\n${printBill(bill)}\n`);
  expect(bill.usd).toBeGreaterThan(idleBillOf(resourcesOf(id)).usd);
});

test("docs/cost.md and the other documents state the computed bills", () => {
  const read = (name: string) => readFileSync(join(ROOT, "docs", name), "utf8").replaceAll(/\s+/g, " ");
  const month = (id: string, profile: Parameters<typeof billOf>[1], digits = 2) =>
    `$${billOf(resourcesOf(id), profile).usd.toFixed(digits)}`;
  const day = (id: string) => `$${(idleBillOf(resourcesOf(id)).usd / 30).toFixed(2)}`;
  const [idle, small] = [month("tenant-bandung", IDLE), month("tenant-bandung", SMALL_COMMUNITY)];
  const [users10k, users100k] = [
    month("production, small", profileOf(10_000), 0),
    month("production, medium", profileOf(100_000), 0),
  ];
  for (const figure of [
    `nothing happens; polling included | ${idle}`,
    `the same | ${month("tenant-bandung with Valkey Serverless", IDLE)}`,
    `(database runs 32 h) | ${small}`,
    `(database runs 420 h) | ${month("tenant-bandung", SPREAD_COMMUNITY)}`,
    `| production, \`small\` | 10,000 users | ${users10k}`,
    `| production, \`medium\` | 100,000 users | ${users100k}`,
    `| production, \`large\` (unless given) | 10,000 users | ${month("production", profileOf(10_000), 0)}`,
    `| production, \`large\` | 100,000 users | ${month("production", profileOf(100_000), 0)}`,
  ])
    expect(read("cost.md")).toContain(figure);
  for (const figure of [
    `an idle tenant ${idle} a month`,
    `${small}, 10,000 users ${users10k}`,
    `100,000 users ${users100k}`,
  ])
    expect(read("deploy.md")).toContain(figure);
  for (const figure of [
    `${day("wulan")} a day idle`,
    `dev ${day("dev")} a day, a preview ${day("pr-1")}`,
    `| ${day("tenant-bandung")} a day |`,
    `| ${day("production, small")} a day |`,
  ])
    expect(read("first-deploy.md")).toContain(figure);
  const copying = billOf(resourcesOf("production with a domain, warm"), { ...IDLE, databaseGb: 1 }).lines;
  const copies = copying.filter(({ resource }) => resource === "BackupPlan").reduce((sum, { usd }) => sum + usd, 0);
  expect(read("backup.md")).toContain(`$${copies.toFixed(2)} a month for each GB`);
});

/**
 * `npm run infra -- update` writes these bills and `gotong cost --since` compares them, so that a change of the bill
 * is reviewed before it is merged.
 */
test("the bills of the reviewed stages equal the committed ones", async () => {
  const loads = [
    ["tenant-bandung", IDLE],
    ["tenant-bandung", SMALL_COMMUNITY],
    ["tenant-bandung with Valkey Serverless", IDLE],
    ["production, small", profileOf(10_000)],
    ["production, medium", profileOf(100_000)],
    ["production", profileOf(100_000)],
    ["staging", IDLE],
  ] as const;
  const figures = Object.fromEntries(
    loads.map(([id, profile]) => {
      const services = byService(billOf(resourcesOf(id), profile)).toSorted((a, b) => (a.service < b.service ? -1 : 1));
      return [
        `${id}, ${profile.name}`,
        Object.fromEntries(services.map(({ service, usd }) => [service, Number(usd.toFixed(2))])),
      ];
    }),
  );
  await expect(`${JSON.stringify(figures, null, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "snapshots", "bills.json"),
  );
  // The cost page for the app's admins shows the same sums.
  const sums = loads
    .filter(([id]) => !id.includes(" with "))
    .map(([id, profile]) => {
      const [stage = "", size = null] = id.split(", ");
      return { stage, size, members: profile.users, usd: Math.round(billOf(resourcesOf(id), profile).usd) };
    });
  await expect(`${JSON.stringify(sums, null, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "..", "..", "packages", "web", "src", "pages", "admin", "bills.json"),
  );
});
