import { number, text } from "../resource.ts";
import { each, keptStages, of, type Rule, together } from "../rule.ts";

const SECRET = "aws:secretsmanager/secret:Secret";

export const secrets: readonly Rule[] = [
  each({
    id: "secret-can-be-brought-back",
    says: "A secret that is deleted by mistake can be brought back for a week or more",
    source: "sst-notes §12 M7, infrastructure.md §4",
    scope: keptStages,
    types: [SECRET],
    passes: (secret) => number(secret, "recoveryWindowInDays") >= 7,
  }),
  together({
    id: "secret-is-rotated",
    says: "Secrets change by themselves",
    source: "checkov CKV2_AWS_57, prowler secretsmanager_automatic_rotation_enabled",
    types: [SECRET],
    offenders: (resources) => {
      const rotated = of(resources, "aws:secretsmanager/secretRotation:SecretRotation").map((one) =>
        text(one, "secretId"),
      );
      return of(resources, SECRET).filter((secret) => !rotated.includes(text(secret.outputs, "id")));
    },
  }),
  each({
    id: "parameter-is-sealed",
    says: "What lies in the parameter store is encrypted",
    source: "checkov CKV2_AWS_34",
    types: ["aws:ssm/parameter:Parameter"],
    passes: (parameter) => text(parameter, "type") === "SecureString",
  }),
  each({
    id: "password-is-long",
    says: "Passwords that machines make are 32 characters long or longer",
    source: "NIST SP 800-63B, sst-notes §4",
    types: ["random:index/randomPassword:RandomPassword"],
    passes: (password) => number(password, "length") >= 32,
  }),
];
