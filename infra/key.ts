import { accountId, stage } from "./stage.ts";

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** Creates a customer-managed key. The account may manage it; the statements in `users` allow further uses. */
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
