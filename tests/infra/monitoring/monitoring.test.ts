import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as v from "valibot";
import { parse, stringify } from "yaml";
import { DEFINITIONS } from "@gotong/core/platform/metrics/definitions.ts";
import { DASHBOARDS } from "../../../infra/grafana/dashboard.ts";
import { BOARDS, GRAPHS } from "../../../infra/graphs.ts";
import { metricsOf, unknownIn } from "./metrics-in-use.ts";
import { IN_TROUBLE, WELL } from "./weather.ts";

const RULES = "infra/prometheus/rules.yaml";
const Record = v.strictObject({ record: v.string(), expr: v.string() });
const Alert = v.strictObject({
  alert: v.string(),
  expr: v.string(),
  for: v.optional(v.string()),
  labels: v.strictObject({ severity: v.picklist(["page", "ticket"]) }),
  annotations: v.strictObject({ summary: v.string(), runbook: v.string() }),
});
const File = v.object({ groups: v.tuple([v.object({ rules: v.array(Record) }), v.object({ rules: v.array(Alert) })]) });
const [{ rules: records }, { rules: alerts }] = v.parse(File, parse(readFileSync(RULES, "utf8"))).groups;
const recorded = new Set(records.map(({ record }) => record));
const hasPromtool = spawnSync("promtool", ["--version"]).status === 0;
if (!hasPromtool) process.stderr.write("There is no promtool here: the alerts are read, but not rung.\n");

const shownOn = ({ panels }: (typeof DASHBOARDS)["overview"]) =>
  panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

test("Prometheus rules and the Grafana dashboard use only existing metrics and labels", () => {
  const shown = shownOn(DASHBOARDS.overview);
  const asked = [...records, ...alerts].map(({ expr }) => expr).concat(shown);
  expect(asked.length).toBeGreaterThan(40);
  for (const expression of asked) expect(unknownIn(expression, recorded), expression).toEqual([]);
});

test("an unknown metric or label in a Prometheus expression is detected", () => {
  const wrong = [
    "sum(rate(http_request_total[5m]))",
    "sum by (user) (rate(http_requests_total[5m]))",
    'webhook_delivery_failure{code="500"}',
    "rate(http_requests_total_bucket[5m])",
    "gotong:nothing:rate5m > 1",
  ];
  for (const expression of wrong) expect(unknownIn(expression, recorded), expression).not.toEqual([]);
});

test("each metric of the platform is on the Grafana dashboard", () => {
  const used = records.map(({ expr }) => expr);
  const shown = shownOn(DASHBOARDS.overview);
  const metrics = new Set([...used, ...shown].flatMap(metricsOf));
  expect([...metrics].toSorted()).toEqual(Object.keys(DEFINITIONS).toSorted());
});

test("the committed Grafana files equal the dashboards that the code generates", () => {
  expect(Object.keys(DASHBOARDS)).toEqual(["overview", ...BOARDS]);
  for (const [name, dashboard] of Object.entries(DASHBOARDS))
    expect(readFileSync(`infra/grafana/${name}.json`, "utf8"), "npm run infra -- grafana writes it anew").toBe(
      `${JSON.stringify(dashboard, null, 2)}\n`,
    );
});

test("each graph of the overview dashboard is on exactly one other dashboard, and in Grafana or CloudWatch", () => {
  const { overview, ...boards } = DASHBOARDS;
  expect(
    Object.values(boards)
      .flatMap((board) => shownOn(board))
      .toSorted(),
  ).toEqual(shownOn(overview).toSorted());
  for (const board of Object.values(boards)) expect(board.panels.length).toBeGreaterThanOrEqual(3);
  expect(GRAPHS.filter(({ queries, cloudWatch }) => queries === undefined && cloudWatch === undefined)).toEqual([]);
  expect(new Set(GRAPHS.map(({ title }) => title)).size).toBe(GRAPHS.length);
});

test("each Prometheus alert has a runbook", () => {
  for (const { alert, annotations } of alerts)
    expect(existsSync(`docs/runbooks/${annotations.runbook}.md`), alert).toBe(true);
});

test.skipIf(!hasPromtool)("each Prometheus alert fires beyond its threshold and is silent on a healthy system", () => {
  const dir = mkdtempSync(join(tmpdir(), "gotong-promtool-"));
  const at = (name: string, series: Readonly<Record<string, string>>, rings: boolean) => ({
    name,
    interval: "1m",
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    alert_rule_test: alerts
      // A server that is not scraped cannot report that it is slow, so only ApiAbsent fires for it.
      .filter(({ alert }) => !rings || (alert === "ApiAbsent") === (name === "no target is scraped"))
      .map(({ alert, labels, annotations }) => ({
        eval_time: "8h",
        alertname: alert,
        exp_alerts: rings ? [{ exp_labels: labels, exp_annotations: annotations }] : [],
      })),
  });
  const tests = [at("all is well", WELL, false), at("trouble", IN_TROUBLE, true), at("no target is scraped", {}, true)];
  try {
    const file = join(dir, "alerts.yaml");
    writeFileSync(file, stringify({ rule_files: [join(process.cwd(), RULES)], evaluation_interval: "1m", tests }));
    const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    expect(status, `${stdout}${stderr}`).toBe(0);
    // Proves that promtool checks the thresholds: the same faults must fail if no alert is expected.
    const silent = [{ ...at("trouble", IN_TROUBLE, false) }];
    writeFileSync(
      file,
      stringify({ rule_files: [join(process.cwd(), RULES)], evaluation_interval: "1m", tests: silent }),
    );
    const second = spawnSync("promtool", ["test", "rules", file], { encoding: "utf8" });
    expect(second.status).not.toBe(0);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
