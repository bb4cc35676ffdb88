import { createHmac } from "node:crypto";
import { Config } from "../config.ts";
import { Seal } from "../seal.ts";

interface Fingerprint {
  readonly hash: string;
  readonly secret: string;
}

/**
 * Hashes that identify a request, one for each accepted signing key, the current key first. They are keyed, since a body may contain a
 * password, which a reader of the table could guess from a plain hash at full speed.
 */
export function fingerprints(request: { method: string; path: string; body: string }): Fingerprint[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  const text = JSON.stringify([request.method, request.path, request.body]);
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => ({ secret, hash: derive(secret, "request", text).toString("hex") }));
}

/**
 * Encrypts a response, which may contain tokens or a presigned URL. Uses AES-256-GCM with a separate key for each record.
 */
export function seal(text: string, secret: string, record: string): string {
  return Seal.seal(text, derive(secret, "answer", record));
}

/** @throws Error when the string was not sealed for this record with this secret */
export function open(sealed: string, secret: string, record: string): string {
  return Seal.open(sealed, derive(secret, "answer", record));
}

/** The hash that the table stores instead of a client address, which is personal data. */
export function scopeOfAddress(address: string): string {
  return derive("gotong-royong", "address", address).toString("hex").slice(0, 32);
}

function derive(secret: string, purpose: string, text: string): Buffer {
  return createHmac("sha256", secret).update(`idempotency ${purpose}\n${text}`).digest();
}
