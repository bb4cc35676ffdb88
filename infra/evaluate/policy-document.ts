const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const field = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
const oneOrMany = (values: unknown[]) => (values.length === 1 ? values[0] : values);

/** Converts the inputs of `aws.iam.getPolicyDocument` to a policy in IAM's JSON. */
export function policyDocument(inputs: Record<string, unknown>): object {
  return { Version: "2012-10-17", Statement: list(inputs["statements"]).map(statement) };
}

function statement(input: unknown): object {
  const conditions = list(field(input, "conditions"));
  return {
    ...(field(input, "sid") ? { Sid: field(input, "sid") } : {}),
    Effect: field(input, "effect") ?? "Allow",
    ...many("Action", field(input, "actions")),
    ...many("NotAction", field(input, "notActions")),
    ...many("Resource", field(input, "resources")),
    ...many("NotResource", field(input, "notResources")),
    ...principals("Principal", field(input, "principals")),
    ...principals("NotPrincipal", field(input, "notPrincipals")),
    ...(conditions.length === 0 ? {} : { Condition: conditionsOf(conditions) }),
  };
}

const many = (name: string, values: unknown) => (list(values).length === 0 ? {} : { [name]: oneOrMany(list(values)) });

function principals(name: string, input: unknown): object {
  const all = list(input);
  if (all.length === 0) return {};
  if (all.some((each) => field(each, "type") === "*")) return { [name]: "*" };
  const byType = Map.groupBy(all, (each) => String(field(each, "type")));
  return {
    [name]: Object.fromEntries(
      [...byType].map(([type, each]) => [type, oneOrMany(each.flatMap((one) => list(field(one, "identifiers"))))]),
    ),
  };
}

function conditionsOf(conditions: unknown[]): object {
  const byTest = Map.groupBy(conditions, (each) => String(field(each, "test")));
  return Object.fromEntries(
    [...byTest].map(([test, each]) => [
      test,
      Object.fromEntries(each.map((one) => [String(field(one, "variable")), oneOrMany(list(field(one, "values")))])),
    ]),
  );
}
