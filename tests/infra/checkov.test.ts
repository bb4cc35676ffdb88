import { beforeAll, expect, test } from "vitest";
import { type Verdict, hasCheckov, runCheckov } from "../../infra/checkov/checkov.ts";
import { planOf } from "../../infra/checkov/plan.ts";
import type { Resource } from "../../infra/policy/resource.ts";
import { type Subject, subjects } from "./policy/subjects.ts";
import { ofCheckov } from "./policy/violations-checkov.ts";

let stages: readonly Subject[];
beforeAll(async () => {
  stages = await subjects();
}, 600_000);

test("every evaluated AWS resource is converted to a Terraform plan with the Terraform forms of names, blocks, maps and policies", () => {
  for (const { resources } of stages)
    expect(planOf(resources).resource_changes.length).toBe(
      resources.filter(({ type }) => type.startsWith("aws:")).length,
    );
  const [plan] = planOf([
    {
      type: "aws:lambda/function:Function",
      name: "Api",
      inputs: {
        vpcConfig: { subnetIds: ["a"] },
        environment: { variables: { logLevel: "info" } },
        corsRules: [{ allowedOrigins: ["*"] }],
        policy: { Statement: [{ Effect: "Allow" }] },
      },
    },
  ]).planned_values.root_module.resources;
  expect(plan).toMatchObject({ address: "aws_lambda_function.Api", type: "aws_lambda_function" });
  expect(plan?.values).toEqual({
    vpc_config: [{ subnet_ids: ["a"] }],
    environment: [{ variables: { logLevel: "info" } }],
    cors_rule: [{ allowed_origins: ["*"] }],
    policy: '{"Statement":[{"Effect":"Allow"}]}',
  });
  expect(() => planOf([{ type: "aws:unheard/of:Thing", name: "A", inputs: {} }])).toThrow("its name in Terraform");
});

// Faults that only checkov detects, since no rule of ours checks them.
test.skipIf(!hasCheckov())(
  "checkov finds each fault of a single resource that no rule of ours covers, and finds nothing without the fault",
  () => {
    const plans: Record<string, readonly Resource[]> = {};
    for (const [check, { base, finds, fix, spoil }] of Object.entries(ofCheckov)) {
      const subject = stages.find(({ context }) => context.label === base);
      if (subject === undefined) throw new Error(`there are no resources ${base}`);
      const only = (resources: readonly Resource[]) =>
        resources.filter(({ name, type }) => name === finds && type.startsWith("aws:"));
      plans[`${check} kept`] = only(fix(subject.resources));
      plans[`${check} broken`] = only(spoil(fix(subject.resources)));
    }
    const verdicts = runCheckov(plans);
    const isPassed = (check: string, plan: string): (boolean | undefined)[] => [
      ...new Set(verdicts.filter((one: Verdict) => one.check === check && one.plan === plan).map((one) => one.passes)),
    ];
    const wrong = Object.keys(ofCheckov).filter(
      (check) =>
        !isPassed(check, `${check} broken`).includes(false) || isPassed(check, `${check} kept`).includes(false),
    );
    expect(wrong).toEqual([]);
  },
  120_000,
);
