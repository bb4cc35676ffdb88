import { createHmac } from "node:crypto";
import { deployment, stage } from "./stage.ts";

/** Set with `sst secret set <name> <value> --stage <stage>`. The previous ones are empty except during a rotation. */
export const jwtKey = new sst.Secret("JwtKey");
export const jwtKeyPrevious = new sst.Secret("JwtKeyPrevious", "");
export const webhookSecret = new sst.Secret("WebhookSecret");
export const webhookSecretPrevious = new sst.Secret("WebhookSecretPrevious", "");
export const markovToken = new sst.Secret("MarkovToken");

// Mail is sealed on its way through its queue. Derived, so that operators have no further secret to set, and so that the worker of mail,
// which needs no other, cannot sign access tokens.
const mailKeyOf = (secret: sst.Secret) =>
  $util.secret(
    secret.value.apply((key) => (key === "" ? "" : createHmac("sha256", key).update("mail key").digest("hex"))),
  );
export const mailKey = new sst.Linkable("MailKey", { properties: { value: mailKeyOf(jwtKey) } });
export const mailKeyPrevious = new sst.Linkable("MailKeyPrevious", {
  properties: { value: mailKeyOf(jwtKeyPrevious) },
});

// Derived likewise: what the API and the sweep sign proofs with cannot sign access tokens.
export const proofKey = new sst.Linkable("ProofKey", {
  properties: {
    value: $util.secret(jwtKey.value.apply((key) => createHmac("sha256", key).update("proof key").digest("hex"))),
  },
});

// Derived likewise. A new JWT key ends the subscriptions to pushes: apps subscribe again with the new public key.
export const pushKey = new sst.Linkable("PushKey", {
  properties: {
    value: $util.secret(jwtKey.value.apply((key) => createHmac("sha256", key).update("push key").digest("hex"))),
  },
});

/** No secret, but it goes with the two secrets to the processes that sign. Set only while they are rotated. */
export const webhookSecretActiveFrom =
  deployment.webhookSecretActiveFrom === undefined
    ? undefined
    : new sst.Linkable("WebhookSecretActiveFrom", { properties: { value: deployment.webhookSecretActiveFrom } });

// SST deletes the passwords of database and cache for good at once; where data is kept, a mistake can be undone for a month.
if (stage.isProtected)
  $transform(aws.secretsmanager.Secret, (args) => {
    if (args !== undefined) args.recoveryWindowInDays = 30;
  });
