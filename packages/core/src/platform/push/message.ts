import { createHmac } from "node:crypto";
import * as v from "valibot";
import { Actor } from "../actor.ts";
import { Clock } from "../clock.ts";
import { Id } from "../id.ts";
import { mailKeys } from "../mail/index.ts";
import { Seal } from "../seal.ts";

/** A push in the queue `mail`, with everything that a worker without a database needs. The device's URL and keys are only inside `sealed`. */
export const PushMessage = v.object({
  push_id: v.pipe(v.string(), v.uuid()),
  /** Time of creation, RFC 3339. */
  created_at: v.pipe(v.string(), v.isoTimestamp()),
  request_id: v.string(),
  /** Number of earlier attempts; each attempt has its own message. */
  attempts: v.pipe(v.number(), v.integer(), v.minValue(0)),
  sealed: v.string(),
});
export type PushMessage = v.InferOutput<typeof PushMessage>;

const Push = v.object({
  subscription_id: v.pipe(v.string(), v.uuid()),
  endpoint: v.string(),
  p256dh: v.string(),
  auth: v.string(),
  /** The JSON that the device shows. */
  payload: v.string(),
});
export type Push = v.InferOutput<typeof Push>;

const keyOf = (secret: string, pushId: string) => createHmac("sha256", secret).update(`push\n${pushId}`).digest();

/** Encrypts a push for the queue. */
export function sealPush(push: Push): PushMessage {
  const push_id = Id.uuid();
  const sealed = Seal.seal(JSON.stringify(push), keyOf(mailKeys()[0], push_id));
  return { push_id, created_at: Clock.now().toISOString(), request_id: Actor.requestId(), attempts: 0, sealed };
}

/** @throws Error when no key opens the message */
export function openPush({ push_id, sealed }: PushMessage): Push {
  for (const secret of mailKeys()) {
    let text: string;
    try {
      text = Seal.open(sealed, keyOf(secret, push_id));
    } catch {
      continue;
    }
    return v.parse(Push, JSON.parse(text));
  }
  throw new Error("no key decrypts this push");
}
