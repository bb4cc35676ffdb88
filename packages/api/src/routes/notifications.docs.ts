import * as Notification from "@gotong/core/domain/notification/schema.ts";
import { type Operation, page } from "../openapi/operation.ts";

/** Documentation of the notification routes for the OpenAPI document. {@link Operation} explains the fields. */
export const DOCS: Readonly<Record<string, Operation>> = {
  "GET /v1/notifications": {
    id: "listNotifications",
    summary: "Your notifications, newest first",
    description: `${page} \`unread=true\` leaves out what was read. \`unread_count\` is of all.`,
    answers: { 200: Notification.Feed },
  },
  "POST /v1/notifications/read": {
    id: "readNotifications",
    summary: "Mark all notifications as read",
    description: "With `up_to`, those up to that one: newer ones, which the caller has not seen, stay unread.",
    answers: { 200: Notification.Unread },
  },
  "POST /v1/notifications/:notification_id/read": {
    id: "readNotification",
    summary: "Mark a notification as read",
    answers: { 200: Notification.Info },
    problems: ["NOT_FOUND"],
  },
};
