import { beforeAll, expect, test } from "vitest";
import { functionOf } from "@gotong/ops/stage.ts";
import { evaluateAll } from "../../infra/evaluate/evaluations.ts";
import type { Evaluation } from "../../infra/evaluate/resource.ts";
import { rolesOf } from "../../infra/evaluate/iam.ts";

let all: readonly Evaluation[];
beforeAll(async () => {
  all = await evaluateAll();
}, 600_000);

test("the command line uses the names with which the functions of every stage are deployed", () => {
  for (const { variant, resources } of all)
    for (const [logicalName, short] of [
      ["OpsFunction", "ops"],
      ["MigrateFunction", "migrate"],
    ] as const) {
      const found = resources.find(({ type, name }) => type === "aws:lambda/function:Function" && name === logicalName);
      expect(found?.inputs["name"], variant.id).toBe(functionOf(variant.stage, short));
    }
});

test("only IAM identities can invoke the ops function: it has no URL, trigger, resource policy or schedule", () => {
  for (const { variant, resources } of all) {
    const referring = resources.filter(
      ({ type, inputs }) =>
        /:(FunctionUrl|EventSourceMapping|Permission|Schedule|Alias)$/.test(type) &&
        JSON.stringify(inputs).includes(functionOf(variant.stage, "ops")),
    );
    expect(referring.map(({ name }) => name)).toEqual([]);
  }
});

test("the ops function may only send mail, deliveries and sweeps, read dead letters, and write exports", () => {
  for (const evaluation of all.filter(({ variant }) => !variant.isDev)) {
    const role = rolesOf(evaluation).find(({ name }) => name === "OpsRole");
    const allowed = (role?.statements ?? []).filter(({ Effect }) => Effect === "Allow");
    const actions = new Set(allowed.flatMap(({ Action }) => Action));
    expect(
      [...actions].filter((action) => !/^(logs|xray|ec2):/.test(action)).toSorted(),
      evaluation.variant.id,
    ).toEqual([
      "s3:PutObject",
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes",
      "sqs:ReceiveMessage",
      "sqs:SendMessage",
    ]);
    const writes = allowed.filter(({ Action }) => Action.includes("s3:PutObject")).flatMap(({ Resource }) => Resource);
    expect(writes.every((arn) => arn.endsWith("/exports/*"))).toBe(true);
    const received = allowed
      .filter(({ Action }) => Action.includes("sqs:ReceiveMessage"))
      .flatMap(({ Resource }) => Resource);
    expect(received).toHaveLength(2);
    expect(received.every((arn) => /:gotong-royong-[a-z0-9-]+-Dead(Deliveries)?Queue/.test(arn))).toBe(true);
  }
});
