import { accountId, stage } from "./stage.ts";

type Statement = aws.types.input.iam.GetPolicyDocumentStatementArgs;

/** A key of ours, which the account manages and which `users` may use besides. */
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
          resources: ["*"], // in a key's own policy this is the key
          principals: [{ type: "AWS", identifiers: [$interpolate`arn:aws:iam::${accountId}:root`] }],
        },
        ...users,
      ],
    }).json,
  });
}
