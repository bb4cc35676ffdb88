import { createHmac } from "node:crypto";
import { deployment, stage } from "./stage.ts";

/**
 * Secrets of the stage, which are set with `sst secret set <name> <value> --stage <stage>`. The `…Previous` secrets
 * are empty except during a rotation.
 */
export const jwtKey = new sst.Secret("JwtKey");
export const jwtKeyPrevious = new sst.Secret("JwtKeyPrevious", "");
export const webhookSecret = new sst.Secret("WebhookSecret");
export const webhookSecretPrevious = new sst.Secret("WebhookSecretPrevious", "");
export const markovToken = new sst.Secret("MarkovToken");

// Mail is encrypted in its queue with a key derived from the JWT key. So operators need not set a further secret, and
// the worker of mail, which gets no other key, cannot sign access tokens.
const mailKeyOf = (secret: sst.Secret) =>
  $util.secret(
    secret.value.apply((key) => (key === "" ? "" : createHmac("sha256", key).update("mail key").digest("hex"))),
  );
export const mailKey = new sst.Linkable("MailKey", { properties: { value: mailKeyOf(jwtKey) } });
export const mailKeyPrevious = new sst.Linkable("MailKeyPrevious", {
  properties: { value: mailKeyOf(jwtKeyPrevious) },
});

// The key that signs proofs is derived in the same way, so that the API and the sweep cannot sign access tokens with
// it.
export const proofKey = new sst.Linkable("ProofKey", {
  properties: {
    value: $util.secret(jwtKey.value.apply((key) => createHmac("sha256", key).update("proof key").digest("hex"))),
  },
});

// The key that signs push notifications is derived in the same way. A new JWT key invalidates push subscriptions:
// apps subscribe again with the new public key.
export const pushKey = new sst.Linkable("PushKey", {
  properties: {
    value: $util.secret(jwtKey.value.apply((key) => createHmac("sha256", key).update("push key").digest("hex"))),
  },
});

/**
 * The activation time of a rotation. It is not a secret, but is linked with the two webhook secrets to the processes
 * that sign. It is set only during a rotation.
 */
export const webhookSecretActiveFrom =
  deployment.webhookSecretActiveFrom === undefined
    ? undefined
    : new sst.Linkable("WebhookSecretActiveFrom", { properties: { value: deployment.webhookSecretActiveFrom } });

// SST deletes the passwords of database and cache at once and permanently. On protected stages Secrets Manager keeps
// them for 30 days, so that a mistake can be undone.
if (stage.isProtected)
  $transform(aws.secretsmanager.Secret, (args) => {
    if (args !== undefined) args.recoveryWindowInDays = 30;
  });
