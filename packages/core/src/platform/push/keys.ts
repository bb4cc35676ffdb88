import { createECDH, createHmac } from "node:crypto";
import { Config } from "../config.ts";

interface KeyPair {
  /** Uncompressed point of P-256, 65 bytes as Base64url, which browsers accept as `applicationServerKey`. */
  readonly publicKey: string;
  /** The private scalar, 32 bytes as Base64url. */
  readonly privateKey: string;
}

/**
 * The key pair that identifies the platform to push services (VAPID, RFC 8292), derived from `PUSH_KEY`; undefined where pushes are not
 * configured. Any digest is a valid private key of P-256, except for one in 2³², for which `setPrivateKey` throws.
 */
export function pushKeys(secret = Config.section("mail").PUSH_KEY): KeyPair | undefined {
  if (secret === undefined) return undefined;
  const scalar = createHmac("sha256", secret).update("vapid").digest();
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(scalar);
  return { publicKey: curve.getPublicKey("base64url"), privateKey: scalar.toString("base64url") };
}
