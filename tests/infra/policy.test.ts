import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Finding, findingsOf, judge, problemsOf } from "../../infra/policy/check.ts";
import type { Rule } from "../../infra/policy/rule.ts";
import { CONCERNS, RULES } from "../../infra/policy/rules/index.ts";
import { type Waiver, WAIVERS } from "../../infra/policy/waivers.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { cluster, type Subject, subjects } from "./policy/subjects.ts";
import { VIOLATIONS } from "./policy/violations.ts";
import { ofKubernetes } from "./policy/violations-kubernetes.ts";

/** Types that no evaluated stage has, since they are EKS resources; {@link cluster} has them. */
const OF_EKS = /^(kubernetes|aws:(eks|ecr)\/)/;

let stages: readonly Subject[];
let findings: readonly Finding[];
beforeAll(async () => {
  stages = await subjects();
  findings = stages.flatMap(({ context, resources }) => RULES.flatMap((rule) => findingsOf(rule, resources, context)));
}, 600_000);

test("no stage breaks a policy rule without a waiver", () => {
  const { open, waived } = judge(findings, WAIVERS, new Date());
  const meeting = stages.flatMap(({ context, resources }) =>
    RULES.filter((rule) => rule.scope.includes(context) && resources.some(({ type }) => rule.types.includes(type))),
  );
  const counts = `${RULES.length} rules × ${stages.length} stages = ${RULES.length * stages.length} checks`;
  process.stdout.write(
    `${counts}, ${open.length} findings, ${waived.length} waived; ${meeting.length} of the checks met a resource\n`,
  );
  expect(open).toEqual([]);
  expect(stages.length).toBeGreaterThanOrEqual(13);
});

test("each policy rule has a unique id, a unique sentence and a source", () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  expect(new Set(RULES.map(({ says }) => says)).size).toBe(RULES.length);
  for (const { id, says, source } of RULES) {
    expect(id).toMatch(/^[a-z][a-z0-9.-]+$/);
    expect(says, id).toMatch(/^[A-Z].{20,}/);
    expect(source, id).toMatch(/^(checkov|prowler|kube-linter|sst-notes §|infrastructure.md §|[A-Z])/);
  }
});

test("every waiver has a known rule, a reason and a future date, and matches a violation", () => {
  expect(problemsOf(WAIVERS, findings, RULES, new Date())).toEqual([]);
});

test("no policy rule is waived for every resource that it checks, since it could never fail", () => {
  const { waived } = judge(findings, WAIVERS, new Date());
  const isVoid = (rule: Rule) => {
    const excused = new Set(
      waived.filter((each) => each.rule === rule.id).map(({ stage, resource }) => stage + resource),
    );
    if (excused.size === 0) return false;
    return stages
      .filter(({ context }) => rule.scope.includes(context))
      .every(({ context, resources }) =>
        resources
          .filter(({ type }) => rule.types.includes(type))
          .every(({ name }) => excused.has(context.label + name)),
      );
  };
  // Exception: this rule is waived for the only secret, SST's copy of a password. It stays, since a secret of our own
  // would have to be rotated.
  expect(RULES.filter(isVoid).map(({ id }) => id)).toEqual(["secret-is-rotated"]);
});

describe("every rule can fail:", () => {
  test("every policy rule has a test violation, and every test violation has a rule", () => {
    expect(Object.keys(VIOLATIONS).toSorted()).toEqual(RULES.map(({ id }) => id).toSorted());
  });

  test.each(RULES.map((rule) => [rule.id, rule] as const))("%s passes, and one change breaks the rule", (id, rule) => {
    const violation = VIOLATIONS[id];
    if (violation === undefined) throw new Error(`nothing breaks ${id}`);
    const subject = [...stages, cluster].find(({ context }) => context.label === violation.base);
    if (subject === undefined) throw new Error(`there are no resources ${violation.base}`);
    const kept = violation.fix(subject.resources);
    const found = (resources: Subject["resources"]) =>
      findingsOf(rule, resources, subject.context).map(({ resource }) => resource);
    expect(found(kept)).not.toContain(violation.finds);
    expect(found(violation.spoil(kept))).toContain(violation.finds);
  });

  test.each(RULES.map((rule) => [rule.id, rule] as const))(
    "%s checks at least one resource in a stage to which it applies",
    (_, rule) => {
      expect(rule.types.flatMap((type) => (isKnown(type) ? [] : [type]))).toEqual([]);
      if (rule.looksAt === "none" || rule.types.every((type) => OF_EKS.test(type))) return;
      const met = [...stages, ...(needsEks(rule) ? [cluster] : [])].some(
        ({ context, resources }) =>
          rule.scope.includes(context) && resources.some(({ type }) => rule.types.includes(type)),
      );
      expect(met).toBe(true);
    },
  );

  test("the EKS fixture has the types that no stage has, and breaks no policy rule", () => {
    const types = RULES.flatMap(({ types }) => types).filter((type) => OF_EKS.test(type));
    const others = ["apps/v1:StatefulSet", "apps/v1:DaemonSet", "batch/v1:Job", "batch/v1:CronJob", "core/v1:Secret"];
    const known = new Set([
      ...cluster.resources.map(({ type }) => type),
      ...others.map((type) => `kubernetes:${type}`),
    ]);
    expect(types.filter((type) => !known.has(type) && !/:Cluster(Role|RoleBinding)$/.test(type))).toEqual([]);
    const about = RULES.filter(({ id }) => id in ofKubernetes);
    expect(about.flatMap((rule) => findingsOf(rule, cluster.resources, cluster.context))).toEqual([]);
  });
});

/** Returns whether a rule applies only to stages with EKS. */
const needsEks = ({ scope }: Rule) =>
  scope.includes(cluster.context) && !stages.some(({ context }) => scope.includes(context));

/** Returns whether a type token exists in SST's providers. A rule about a misspelt token could never be broken. */
function isKnown(token: string): boolean {
  const [, provider, path, name] = /^([\w-]+):([^:]+):(\w+)$/.exec(token) ?? [];
  if (provider === undefined || path === undefined || name === undefined) return false;
  if (["pulumi-nodejs:dynamic:Resource", "pulumi:providers:aws"].includes(token)) return true; // types of Pulumi itself, which no SST provider declares
  const file =
    provider === "kubernetes"
      ? join(path.replace(/^([a-z]+)[\w.]*\//, "$1/"), camel(name))
      : path.replace("index/", "");
  const source = join(ROOT, ".sst/platform/node_modules/@pulumi", provider, `${file}.js`);
  return existsSync(source) && readFileSync(source, "utf8").includes(`'${token}'`);
}
const camel = (name: string) => name.charAt(0).toLowerCase() + name.slice(1);

test("docs/policy.md states the number of rules of each concern, and lists each waiver", () => {
  const text = readFileSync(join(ROOT, "docs", "policy.md"), "utf8");
  const rows = [...text.matchAll(/^\| (.+?) +\| +(\d+) \|$/gm)].map(([, concern, count]) => [concern, Number(count)]);
  expect(rows).toEqual([
    ...Object.entries(CONCERNS).map(([concern, rules]) => [concern, rules.length]),
    ["together", RULES.length],
  ]);
  expect([...new Set(WAIVERS.map(({ rule }) => rule))].filter((rule) => !text.includes(`\`${rule}\``))).toEqual([]);
});

describe("waivers:", () => {
  const finding: Finding = { rule: "bucket-is-versioned", type: "x", resource: "Logs", stage: "staging", message: "m" };
  const waiver: Waiver = {
    rule: "bucket-is-versioned",
    resource: "Lo*",
    stage: "staging",
    reason: "A reason that somebody can understand.",
    expires: "2026-12-31",
  };
  const lastSecond = new Date("2026-12-31T23:59:59Z");
  const nextDay = new Date("2027-01-01T00:00:00Z");

  test("a valid waiver covers only the violations that match it", () => {
    const others = [
      { ...finding, rule: "other" },
      { ...finding, resource: "Log" },
      { ...finding, stage: "staging 2" },
    ];
    const { open, waived } = judge([finding, ...others], [{ ...waiver, resource: "Logs" }], lastSecond);
    expect(waived).toEqual([finding]);
    expect(open).toEqual(others);
    expect(judge([finding], [waiver], lastSecond).waived).toEqual([finding]);
  });

  test("an expired waiver covers no violation, and is reported", () => {
    expect(judge([finding], [waiver], nextDay).open).toEqual([finding]);
    expect(problemsOf([waiver], [finding], RULES, nextDay)).toEqual([
      expect.stringContaining("has expired on 2026-12-31"),
    ]);
    expect(problemsOf([waiver], [finding], RULES, lastSecond)).toEqual([]);
  });

  test("a waiver that matches no violation is reported", () => {
    expect(problemsOf([waiver], [], RULES, lastSecond)).toEqual([expect.stringContaining("excuses nothing")]);
  });

  test.each([
    ["names no rule", { rule: "bucket-is-blue" }],
    ["gives no reason", { reason: " because " }],
    ["does not say when it expires", { expires: "soon" }],
    ["does not say when it expires", { expires: "2026-13-45" }],
  ])('a waiver with the problem "%s" is reported: %j', (problem, change) => {
    expect(problemsOf([{ ...waiver, ...change }], [finding], RULES, lastSecond)).toEqual([
      expect.stringContaining(problem),
    ]);
  });
});
