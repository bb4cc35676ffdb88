import { createHmac } from "node:crypto";
import { Config } from "../config.ts";
import { Seal } from "../seal.ts";

interface Fingerprint {
  readonly hash: string;
  readonly secret: string;
}

/**
 * What tells two requests apart, by each signing key that is accepted now, today's first. Keyed, because a body may hold a
 * password, and a plain hash of it would let whoever reads the table try passwords at full speed.
 */
export function fingerprints(request: { method: string; path: string; body: string }): Fingerprint[] {
  const { JWT_KEY, JWT_KEY_PREVIOUS } = Config.section("auth");
  const text = JSON.stringify([request.method, request.path, request.body]);
  return [JWT_KEY, JWT_KEY_PREVIOUS]
    .filter((secret) => secret !== undefined)
    .map((secret) => ({ secret, hash: derive(secret, "request", text).toString("hex") }));
}

/** Encrypts an answer: it may hold tokens or a presigned URL. AES-256-GCM under a key of its own for each record. */
export function seal(text: string, secret: string, record: string): string {
  return Seal.seal(text, derive(secret, "answer", record));
}

/** @throws Error when the text was not sealed for this record under this secret */
export function open(sealed: string, secret: string, record: string): string {
  return Seal.open(sealed, derive(secret, "answer", record));
}

/** An address is personal data: the table holds only this. */
export function scopeOfAddress(address: string): string {
  return derive("gotong-royong", "address", address).toString("hex").slice(0, 32);
}

function derive(secret: string, purpose: string, text: string): Buffer {
  return createHmac("sha256", secret).update(`idempotency ${purpose}\n${text}`).digest();
}
