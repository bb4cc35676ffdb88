import { createHash, createPrivateKey, createPublicKey, hkdfSync, sign as signBytes } from "node:crypto";
import { desc } from "drizzle-orm";
import { Config } from "../../platform/config.ts";
import { Db } from "../../platform/db/index.ts";
import { onReset } from "../../platform/reset.ts";
import { canonical } from "./canonical.ts";
import { proofKeys } from "./proof.sql.ts";
import type { Keys } from "./schema.ts";

export interface Signer {
  readonly keyId: string;
  /** The raw public key in Base64url. */
  readonly publicKey: string;
  /** Signs a value's canonical JSON; the signature is in Base64url. */
  readonly sign: (value: unknown) => string;
}

/** The DER header of an Ed25519 private key (RFC 8410 §7); the 32 bytes of the key follow it. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const MOST_KEYS = 100;

let signer: Signer | undefined;
let isRecorded = false;
onReset(() => {
  signer = undefined;
  isRecorded = false;
});

/** The signing key of this process, derived from `PROOF_KEY`. */
function current(): Signer {
  if (signer) return signer;
  const seed = Buffer.from(hkdfSync("sha256", Config.section("proof"), "", "gotong proof key", 32));
  const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "jwk" }).x ?? "";
  signer = {
    keyId: keyIdOf(publicKey),
    publicKey,
    sign: (value) => signBytes(null, Buffer.from(canonical(value)), key).toString("base64url"),
  };
  return signer;
}

const keyIdOf = (publicKey: string) =>
  createHash("sha256").update(Buffer.from(publicKey, "base64url")).digest("hex").slice(0, 16);

/** The signing key, whose public key is recorded before its first signature. */
export async function recordedSigner(): Promise<Signer> {
  const { keyId, publicKey } = current();
  if (!isRecorded) await Db.use().insert(proofKeys).values({ id: keyId, publicKey }).onConflictDoNothing();
  isRecorded = true;
  return current();
}

/**
 * All public keys that have signed, the newest first. Former keys are never removed, so that their proofs stay
 * verifiable.
 */
export async function publicKeys(): Promise<Keys> {
  const { keyId } = await recordedSigner();
  const rows = await Db.use()
    .select()
    .from(proofKeys)
    .orderBy(desc(proofKeys.createdAt), desc(proofKeys.id))
    .limit(MOST_KEYS);
  return {
    keys: rows.map(({ id, publicKey, createdAt }) => ({
      kty: "OKP",
      crv: "Ed25519",
      kid: id,
      x: publicKey,
      use: "sig",
      since: createdAt.toISOString(),
      is_current: id === keyId,
    })),
  };
}
