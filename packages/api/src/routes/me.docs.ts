import * as Avatar from "@gotong/core/domain/avatar/schema.ts";
import * as Block from "@gotong/core/domain/block/schema.ts";
import * as Evidence from "@gotong/core/domain/evidence/schema.ts";
import * as Export from "@gotong/core/domain/account/export/schema.ts";
import * as Mfa from "@gotong/core/domain/mfa/schema.ts";
import * as Notification from "@gotong/core/domain/notification/schema.ts";
import * as Session from "@gotong/core/domain/session/schema.ts";
import * as User from "@gotong/core/domain/user/schema.ts";
import type { Code } from "@gotong/core/platform/error.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Problems of operations that require the password again. A wrong password counts as a failed login. */
const PASSWORD_REQUIRED: readonly Code[] = ["WRONG_PASSWORD", "ACCOUNT_LOCKED"];

/** Documentation of the `/v1/me` routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/me": { id: "getMe", summary: "Your account", answers: { 200: User.OwnInfo } },
  "PATCH /v1/me": {
    id: "updateMe",
    summary: "Change your profile",
    answers: { 200: User.OwnInfo },
    problems: ["USERNAME_TAKEN", "RULE_VIOLATED"],
  },
  "DELETE /v1/me": {
    id: "deleteMe",
    summary: "Delete the account",
    description: "Requires the password. Ends all sessions. Contributions remain without personal data.",
    answers: { 204: null },
    problems: PASSWORD_REQUIRED,
  },
  "POST /v1/me/email": {
    id: "requestEmailChange",
    summary: "Request a change of the e-mail address",
    description:
      "Takes effect when the token mailed to the new address is confirmed; the current address is notified. The response does not reveal whether another account has the address.",
    answers: { 202: null },
    problems: PASSWORD_REQUIRED,
  },
  "POST /v1/me/password": {
    id: "changePassword",
    summary: "Change the password",
    description: "Requires the current password. Ends all other sessions, and sends a notification by mail.",
    answers: { 204: null },
    problems: PASSWORD_REQUIRED,
  },
  "GET /v1/me/avatar": {
    id: "getOwnAvatar",
    summary: "Your profile picture",
    description: "Ask again while `status` is `examining`, which takes seconds.",
    answers: { 200: Avatar.OwnAvatar },
  },
  "PUT /v1/me/avatar": {
    id: "setAvatar",
    summary: "Set an uploaded picture as your profile picture",
    description:
      "It is examined first: cropped to the square in its middle, reduced to 256 pixels, re-encoded without metadata. The uploaded file is deleted then. Until it is accepted, the former picture stays.",
    answers: { 202: Avatar.OwnAvatar },
    problems: ["UPLOAD_MISSING", "UPLOAD_MISMATCH", "UPLOAD_ALREADY_USED"],
  },
  "DELETE /v1/me/avatar": {
    id: "removeAvatar",
    summary: "Remove your profile picture",
    description: "Also one that is in examination. Shared caches may show it for another hour.",
    answers: { 204: null },
  },
  "POST /v1/me/avatar/uploads": {
    id: "createAvatarUpload",
    summary: "Request an upload URL for a profile picture",
    description:
      "For a JPEG, PNG or WebP of at most 2 MB and at least 64×64 pixels. Send the file to `url` with `method` and `headers` within 5 minutes, then set it with `setAvatar`. At most 10 in 24 hours.",
    answers: { 201: Avatar.AvatarUpload },
  },
  "GET /v1/me/mfa": {
    id: "getMfa",
    summary: "Your second factor",
    answers: { 200: Mfa.Status },
  },
  "POST /v1/me/mfa/totp": {
    id: "enrolTotp",
    summary: "Start the enrolment of an authenticator app",
    description: "Show `uri` as a QR code, or `secret` to type. The app is active once its first code is confirmed.",
    answers: { 201: Mfa.TotpSecret },
    problems: [...PASSWORD_REQUIRED, "MFA_ALREADY_ENABLED"],
  },
  "POST /v1/me/mfa/totp/confirm": {
    id: "confirmTotp",
    summary: "Confirm the authenticator app with its first code",
    description:
      "Returns the recovery codes, which are shown only once. The current session then counts as one with a second factor.",
    answers: { 200: Mfa.RecoveryCodes },
    problems: ["NOT_FOUND", "INVALID_MFA_CODE", "ACCOUNT_LOCKED"],
  },
  "DELETE /v1/me/mfa/totp": {
    id: "removeTotp",
    summary: "Remove the second factor",
    answers: { 204: null },
    problems: [...PASSWORD_REQUIRED, "INVALID_MFA_CODE", "NOT_FOUND"],
  },
  "POST /v1/me/mfa/recovery-codes": {
    id: "renewRecoveryCodes",
    summary: "Replace the recovery codes",
    answers: { 200: Mfa.RecoveryCodes },
    problems: [...PASSWORD_REQUIRED, "INVALID_MFA_CODE", "NOT_FOUND"],
  },
  "GET /v1/me/sessions": {
    id: "listSessions",
    summary: "Your open sessions, newest first",
    description: page,
    answers: { 200: Session.InfoPage },
  },
  "DELETE /v1/me/sessions": {
    id: "endOtherSessions",
    summary: "End all other sessions",
    answers: { 204: null },
  },
  "DELETE /v1/me/sessions/:session_id": {
    id: "endSession",
    summary: "End one of your sessions",
    answers: { 204: null },
    problems: ["NOT_FOUND"],
  },
  "GET /v1/me/export": {
    id: "exportMe",
    summary: "Export your data",
    description:
      "In parts of less than 1 MB: send `next_cursor` as `cursor` for the next part. A list may be empty in one part and continue in another. For most members the first part contains everything.",
    answers: { 200: Export.Part },
  },
  "GET /v1/me/attestations": {
    id: "listAttestations",
    summary: "Attestations that wait for your answer as a witness, newest first",
    description: page,
    answers: { 200: Evidence.AttestationPage },
  },
  "GET /v1/me/notification-settings": {
    id: "getNotificationSettings",
    summary: "Your notification settings",
    answers: { 200: Notification.Settings },
  },
  "PATCH /v1/me/notification-settings": {
    id: "updateNotificationSettings",
    summary: "Change your notification settings",
    description: "What the request does not name stays as it was. `quiet_hours: null` switches them off.",
    answers: { 200: Notification.Settings },
  },
  "POST /v1/me/push-subscriptions": {
    id: "subscribeToPushes",
    summary: "Register this device for pushes",
    description:
      "Takes what `PushSubscription.toJSON()` gives, made with `push_public_key` of the notification settings. The device gets pushes until the session ends. At most ten devices: a further one replaces the oldest.",
    answers: { 201: Notification.Subscription },
    problems: ["RULE_VIOLATED"],
  },
  "DELETE /v1/me/push-subscriptions/:subscription_id": {
    id: "unsubscribeFromPushes",
    summary: "Stop pushes to a device",
    description: "Removing one that is not there has no effect.",
    answers: { 204: null },
  },
  "GET /v1/me/blocks": {
    id: "listBlocks",
    summary: "Members whom you have blocked, newest first",
    description: page,
    answers: { 200: Block.InfoPage },
  },
  "PUT /v1/me/blocks/:user_id": {
    id: "blockUser",
    summary: "Block a member",
    description:
      "They can no longer vouch for you, claim your tasks, assign their tasks to you, add evidence to your contributions or name you as a witness: the answer is 403. Blocking again has no effect.",
    answers: { 200: Block.Info },
    problems: ["NOT_FOUND", "RULE_VIOLATED"],
  },
  "DELETE /v1/me/blocks/:user_id": {
    id: "unblockUser",
    summary: "Unblock a member",
    description: "Unblocking a member who is not blocked has no effect.",
    answers: { 204: null },
  },
};
