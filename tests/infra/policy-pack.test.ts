import { afterAll, beforeAll, expect, test } from "vitest";
import { findingsOf, judge } from "../../infra/policy/check.ts";
import { RULES } from "../../infra/policy/rules/index.ts";
import { WAIVERS } from "../../infra/policy/waivers.ts";
import { ensurePolicyPack } from "../../infra/evaluate/platform.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { VARIANTS } from "../../infra/evaluate/variants.ts";
import { type Diagnostic, type Pack, startPack, urnOf } from "./policy/pack.ts";
import { type Subject, subjects } from "./policy/subjects.ts";
import { VIOLATIONS } from "./policy/violations.ts";

// Pulumi's engine does not run here. The rest is real: Pulumi's program that serves a policy pack, the pack, and
// their protocol.
const LABEL = "production with a domain, warm";
/** A database instance that breaks several rules. */
const BAD = { instanceClass: "db.r8g.large", copyTagsToSnapshot: false, performanceInsightsEnabled: false };
let pack: Pack;
let production: Subject;
beforeAll(async () => {
  await ensurePolicyPack(ROOT);
  const found = (await subjects()).find(({ context }) => context.label === LABEL);
  const variant = VARIANTS.find(({ id }) => id === LABEL);
  if (found === undefined || variant === undefined) throw new Error(`there is no variant ${LABEL}`);
  production = found;
  pack = await startPack(variant.stage, variant.variables);
}, 600_000);
afterAll(() => pack?.close());

/** Sends all requests that the engine would send about these resources. */
async function analyze(resources: Subject["resources"], alone = resources): Promise<Diagnostic[]> {
  const found = await pack.analyzeStack(resources);
  for (const one of alone) found.push(...(await pack.analyze(one)));
  return found;
}

test("the policy pack contains every rule", () => {
  expect(pack.rules.toSorted()).toEqual(RULES.map(({ id }) => id).toSorted());
});

test("the policy pack accepts production, with the same waivers as the tests", async () => {
  expect(await analyze(production.resources)).toEqual([]);
});

test("the policy pack rejects each violation of production, and reports the rule and the resource", async () => {
  const waived = new Set(WAIVERS.map(({ rule }) => rule));
  const rules = RULES.filter(({ id }) => VIOLATIONS[id]?.base === LABEL && !waived.has(id));
  expect(rules.length).toBeGreaterThan(150);
  const silent: string[] = [];
  for (const rule of rules) {
    const violation = VIOLATIONS[rule.id];
    if (violation === undefined || rule.id === "database-is-retained") continue; // Pulumi does not tell a policy which resources are retained
    const spoiled = violation.spoil(violation.fix(production.resources));
    const { open } = judge(findingsOf(rule, spoiled, production.context), WAIVERS, new Date());
    const broken = spoiled.filter(({ name }) => name === violation.finds);
    const found =
      rule.looksAt === "all"
        ? await pack.analyzeStack(spoiled)
        : (await Promise.all(broken.map((one) => pack.analyze(one)))).flat();
    // For the check of one resource, the engine knows the resource. For a check of the whole stack, the rule must
    // report the URN of the resource.
    const urns = rule.looksAt === "all" ? broken.map((one) => urnOf("production", one)) : [];
    const isStopped = found.some(
      (one) => one.rule === rule.id && one.isMandatory && (urns.length === 0 || urns.includes(one.urn)),
    );
    if (!isStopped || open.length === 0) silent.push(rule.id);
  }
  expect(silent).toEqual([]);
});

test("a value that is unknown before a deployment does not fail a policy rule, and is reported", async () => {
  const instance = { type: "aws:rds/clusterInstance:ClusterInstance", name: "DatabaseInstance" };
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"; // Pulumi's placeholder for a value that is known only after deployment
  const [found, ...more] = (
    await pack.analyze({ ...instance, inputs: { ...BAD, copyTagsToSnapshot: unknown } })
  ).filter(({ rule }) => rule === "instance-of-database-tags-snapshots");
  expect(more).toEqual([]);
  expect(found).toMatchObject({ isMandatory: false, message: expect.stringContaining("during preview") });
  expect((await pack.analyze({ ...instance, inputs: BAD })).map(({ rule }) => rule)).toEqual([
    "instance-of-database-shows-its-load",
    "instance-of-database-tags-snapshots",
    "instance-of-database-is-serverless",
  ]);
});
