import { deployment, stage } from "./stage.ts";

/** Set with `sst secret set <name> <value> --stage <stage>`. The previous ones are empty except during a rotation. */
export const jwtKey = new sst.Secret("JwtKey");
export const jwtKeyPrevious = new sst.Secret("JwtKeyPrevious", "");
export const webhookSecret = new sst.Secret("WebhookSecret");
export const webhookSecretPrevious = new sst.Secret("WebhookSecretPrevious", "");
export const markovToken = new sst.Secret("MarkovToken");

/** No secret, but it goes with the two that it is about to whoever signs. Only while they are rotated. */
export const webhookSecretActiveFrom =
  deployment.webhookSecretActiveFrom === undefined
    ? undefined
    : new sst.Linkable("WebhookSecretActiveFrom", { properties: { value: deployment.webhookSecretActiveFrom } });

// SST deletes the passwords of database and cache for good at once; where data is kept, a mistake can be undone for a month.
if (stage.isProtected)
  $transform(aws.secretsmanager.Secret, (args) => {
    if (args !== undefined) args.recoveryWindowInDays = 30;
  });
