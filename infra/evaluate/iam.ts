import * as v from "valibot";
import type { Evaluation } from "./resource.ts";

const list = v.pipe(
  v.union([v.string(), v.array(v.string())]),
  v.transform((value) => (Array.isArray(value) ? value : [value])),
);
const Statement = v.object({
  Effect: v.picklist(["Allow", "Deny"]),
  Action: list,
  Resource: v.optional(list, []),
  Principal: v.optional(v.unknown()),
  Condition: v.optional(v.record(v.string(), v.unknown())),
});
const Document = v.object({ Statement: v.array(Statement) });
const Text = v.pipe(v.string(), v.parseJson(), Document);
const Role = v.object({
  assumeRolePolicy: v.union([Text, Document]),
  managedPolicyArns: v.optional(v.array(v.string()), []),
  inlinePolicies: v.optional(v.array(v.object({ policy: v.union([Text, Document]) })), []),
});

export interface RoleSummary {
  readonly name: string;
  readonly trusts: unknown[];
  readonly managed: readonly string[];
  readonly statements: readonly v.InferOutput<typeof Statement>[];
}

/** Returns every role of an evaluation with its permissions. @throws ValiError for a role of an unknown shape */
export function rolesOf(evaluation: Evaluation): RoleSummary[] {
  return evaluation.resources
    .filter(({ type }) => type === "aws:iam/role:Role")
    .map(({ name, inputs }) => {
      const role = v.parse(Role, inputs);
      return {
        name,
        trusts: role.assumeRolePolicy.Statement.map((statement) => statement.Principal),
        managed: role.managedPolicyArns,
        statements: role.inlinePolicies.flatMap(({ policy }) => policy.Statement),
      };
    });
}
