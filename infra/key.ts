import { accountId, stage } from "./stage.ts";

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** A customer-managed key: the account manages it, and `users` may use it too. */
export function createKey(name: string, description: string, ...users: Statement[]): aws.kms.Key {
  return new aws.kms.Key(name, {
    description,
    enableKeyRotation: true,
    deletionWindowInDays: stage.isProtected ? 30 : 7,
    policy: aws.iam.getPolicyDocumentOutput({
      statements: [
        {
          sid: "Account",
          actions: ["kms:*"],
          resources: ["*"], // in a key policy, "*" means the key itself
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:aws:iam::${accountId}:root`] }],
        },
        ...users,
      ],
    }).json,
  });
}
