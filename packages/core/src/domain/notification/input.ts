import { ECDH } from "node:crypto";
import * as v from "valibot";
import { ENDPOINT_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { Input } from "../../platform/input.ts";
import { Page } from "../../platform/page.ts";
import { CHANNELS, KINDS } from "./kinds.ts";
import { ZONE_MAX_CHARACTERS } from "./notification.sql.ts";
import { isTimeZone } from "./quiet-hours.ts";

export const paging = Page.paging("notifications", v.tuple([Input.uuid]));
export const ListQuery = v.strictObject({
  ...paging.query,
  unread: v.optional(
    v.pipe(
      Input.oneOf(["true", "false"]),
      v.transform((text) => text === "true"),
    ),
  ),
});
export const NotificationId = v.strictObject({ notification_id: Input.uuid });
export const UpTo = v.strictObject({ up_to: v.optional(Input.uuid) });

const time = v.pipe(
  Input.string(),
  Input.maxCharacters(5),
  v.regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time such as 21:30"),
);
const channels = Input.object({
  feed: v.optional(v.boolean("must be true or false")),
  mail: v.optional(v.boolean("must be true or false")),
  push: v.optional(v.boolean("must be true or false")),
} satisfies Record<(typeof CHANNELS)[number], unknown>);

const key = (bytes: number) =>
  v.pipe(
    Input.string(),
    Input.maxCharacters(100),
    v.regex(/^[A-Za-z0-9_-]+$/, "must be Base64url"),
    Input.rule("format", (text) => Buffer.from(text, "base64url").length === bytes, `must have ${bytes} bytes`),
  );
/**
 * Whether a public key is a point of P-256. Any other key would fail in the worker with every push, so that a member
 * could fill its log with errors.
 */
const isPoint = (text: string): boolean => {
  try {
    ECDH.convertKey(text, "prime256v1", "base64url");
    return true;
  } catch {
    return false;
  }
};
/**
 * The last time that a JavaScript `Date` can represent, in milliseconds since 1970; a later expiration time is invalid.
 */
const LAST_TIME_MS = 8.64e15;
/** A device that gets pushes: the result of `PushSubscription.toJSON()` in a browser. */
export const Device = v.strictObject({
  endpoint: v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(ENDPOINT_MAX_CHARACTERS)),
  expirationTime: v.optional(v.nullable(Input.between(0, LAST_TIME_MS))),
  keys: Input.object({
    p256dh: v.pipe(key(65), Input.rule("format", isPoint, "must be a point of P-256")),
    auth: key(16),
  }),
});
export const SubscriptionId = v.strictObject({ subscription_id: Input.uuid });

/** The settings to change; `null` switches quiet hours off. */
export const Change = v.strictObject({
  time_zone: v.optional(
    v.pipe(
      Input.string(),
      Input.minCharacters(1),
      Input.maxCharacters(ZONE_MAX_CHARACTERS),
      Input.rule("format", isTimeZone, "must be a time zone such as Asia/Jakarta"),
    ),
  ),
  quiet_hours: v.optional(
    v.nullable(
      v.pipe(
        Input.object({ from: time, until: time }),
        Input.rule("format", ({ from, until }) => from !== until, "must have two different times"),
      ),
    ),
  ),
  preferences: v.optional(
    v.partial(v.strictObject(Object.fromEntries(KINDS.map((kind) => [kind, channels])), "must be an object")),
  ),
});

export * as NotificationInput from "./input.ts";
