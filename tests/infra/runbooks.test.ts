import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import * as v from "valibot";
import { QUEUES, type QueueName } from "@gotong/core/platform/queue/index.ts";
import { ATTEMPTS_BEFORE_DEAD, isOutOfRetries } from "@gotong/core/webhook/schedule.ts";
import { ROOT, evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Resource } from "../../infra/evaluate/resource.ts";

// An operator reads a runbook at night and acts on its numbers, so they are compared with the deployed values.
const FOLDER = join(ROOT, "docs", "runbooks");
const read = (page: string) => readFileSync(join(FOLDER, `${page}.md`), "utf8").replaceAll(/\s+/g, " ");
const camel = (queue: QueueName) => queue.replaceAll(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());

const Dashboard = v.object({ widgets: v.array(v.object({ properties: v.looseObject({ title: v.string() }) })) });

let production: readonly Resource[] = [];
beforeAll(async () => {
  production = (await evaluateAll()).find(({ variant }) => variant.id === "production")?.resources ?? [];
}, 600_000);
const inputsOf = (queue: QueueName) =>
  production.find(({ name }) => name === `${camel(queue)}QueueQueue`)?.inputs ?? {};
const alarm = (name: string) =>
  production.find((one) => one.name === name && one.type.endsWith(":MetricAlarm"))?.inputs ?? {};

test("the runbook of workers states the receive limit and the visibility timeout of every queue that dead-letters", () => {
  const rows = QUEUES.flatMap((queue) => {
    const { redrivePolicy, visibilityTimeoutSeconds } = inputsOf(queue);
    const limit = /"maxReceiveCount":(\d+)/.exec(typeof redrivePolicy === "string" ? redrivePolicy : "")?.[1];
    return limit === undefined
      ? []
      : [`| \`${queue}\` | ${Number(limit).toLocaleString("en")} | ${Number(visibilityTimeoutSeconds)} s |`];
  });
  expect(rows).toHaveLength(7);
  const written = read("worker-errors").match(/\| `[a-z]+` +\| +[\d,]+ \| +\d+ s \|/g) ?? [];
  expect(written.map((row) => row.replaceAll(/ +/g, " ")).toSorted()).toEqual(rows.toSorted());
});

test("the runbooks state the deployed retention of queues, sessions of a function and window of the alarm", () => {
  const days = Number(inputsOf("deliveries")["messageRetentionSeconds"]) / 86_400;
  expect(read("worker-errors")).toContain(`Messages wait for up to ${days} days`);
  const api = production.find(({ type, name }) => type.endsWith("lambda/function:Function") && name.startsWith("Api"));
  const pool = /"DATABASE_POOL_SIZE":"(\d+)"/.exec(JSON.stringify(api?.inputs ?? {}))?.[1];
  expect(read("database-connections")).toContain(`opens at most ${pool} sessions`);
  const { period, evaluationPeriods } = alarm("DeliveriesOurFault");
  const minutes = (Number(period) * Number(evaluationPeriods)) / 60;
  expect(read("deliveries-refused")).toContain(`ends ${minutes} minutes after the last such attempt`);
});

test("the runbooks state the number of hours after which the code dead-letters an event", () => {
  const after = (hours: number) => new Date(hours * 3_600_000 + 1);
  const hours = Array.from({ length: 200 }, (_, hour) => hour).find((hour) =>
    isOutOfRetries(new Date(0), ATTEMPTS_BEFORE_DEAD, after(hour)),
  );
  for (const page of ["dead-letters", "deliveries-refused", "rotate-webhook-secret"])
    expect(read(page).match(/\d+ hours/g), page).toContain(`${hours} hours`);
});

test("the CloudWatch dashboard shows the errors of every worker that has a trigger", () => {
  const workers = production
    .filter(({ type }) => type.endsWith(":EventSourceMapping"))
    .map(({ name }) => name.replace(/Trigger$/, "").toLowerCase());
  const body = String(production.find(({ type }) => type.endsWith(":Dashboard"))?.inputs["dashboardBody"]);
  const { widgets } = v.parse(Dashboard, JSON.parse(body));
  const errors = JSON.stringify(widgets.find(({ properties }) => properties.title === "Errors of workers"));
  expect(workers.length).toBeGreaterThan(5);
  expect(workers.filter((worker) => !errors.includes(`-${worker}"`))).toEqual([]);
});

test("the code logs each message for which a runbook searches", () => {
  const code = globSync("packages/{core,api,workers}/src/**/*.ts", { cwd: ROOT })
    .map((path) => readFileSync(join(ROOT, path), "utf8"))
    .join("\n");
  const searched = globSync("*.md", { cwd: FOLDER }).flatMap((page) =>
    [...readFileSync(join(FOLDER, page), "utf8").matchAll(/message = "([^"]+)"/g)].map(([, message = ""]) => message),
  );
  expect(searched.length).toBeGreaterThan(3);
  expect(searched.filter((message) => !code.includes(`"${message}"`))).toEqual([]);
});
