import * as v from "valibot";

const strings = v.optional(
  v.pipe(
    v.union([v.string(), v.array(v.string())]),
    v.transform((value) => (Array.isArray(value) ? value : [value])),
  ),
  [],
);
const Principal = v.optional(
  v.union([
    v.pipe(
      v.string(),
      v.transform((everyone): Record<string, string[]> => ({ "*": [everyone] })),
    ),
    v.record(v.string(), strings),
  ]),
  {},
);
const Statement = v.object({
  Sid: v.optional(v.string(), ""),
  Effect: v.picklist(["Allow", "Deny"]),
  Action: strings,
  NotAction: strings,
  Resource: strings,
  NotResource: strings,
  Principal,
  NotPrincipal: v.optional(v.unknown()),
  Condition: v.optional(v.record(v.string(), v.record(v.string(), v.unknown())), {}),
});
const Document = v.object({
  Statement: v.pipe(
    v.union([v.array(Statement), Statement]),
    v.transform((value) => (Array.isArray(value) ? value : [value])),
  ),
});

export type Statement = v.InferOutput<typeof Statement>;

/**
 * Returns the statements of an IAM policy, which resources contain as JSON or as an object; an empty list if there is
 * no policy.
 * @throws ValiError for a document in an unknown shape, so that an unreadable policy does not count as safe
 */
export function statementsOf(policy: unknown): Statement[] {
  if (policy === undefined || policy === null || policy === "") return [];
  const schema = typeof policy === "string" ? v.pipe(v.string(), v.parseJson(), Document) : Document;
  return v.parse(schema, policy).Statement;
}

export const allowed = (policy: unknown): Statement[] =>
  statementsOf(policy).filter(({ Effect }) => Effect === "Allow");

/** Returns whether the statement allows every principal. */
export const isForEveryone = ({ Principal: who }: Statement): boolean =>
  Object.values(who).flat().includes("*") || Object.keys(who).includes("*");

/** Returns the service principals of the statement. */
export const servicesOf = ({ Principal: who }: Statement): string[] => who["Service"] ?? [];

/** Returns whether the statement restricts the account or the resource on whose behalf a service may act. */
export const namesItsSource = ({ Condition }: Statement): boolean =>
  Object.values(Condition).some((keys) => Object.keys(keys).some((key) => /^aws:Source(Account|Arn)$/i.test(key)));

/** Returns whether the policy denies requests without TLS. */
export const refusesPlainText = (policy: unknown): boolean =>
  statementsOf(policy).some(
    (statement) =>
      statement.Effect === "Deny" &&
      isForEveryone(statement) &&
      Object.values(statement.Condition).some((keys) => String(keys["aws:SecureTransport"]) === "false"),
  );
