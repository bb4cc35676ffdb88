import * as v from "valibot";
import { Answer } from "../../platform/answer.ts";
import { MAX_CHARACTERS } from "../contribution/contribution.sql.ts";
import { Input } from "../../platform/input.ts";
import { Person } from "../user/schema.ts";
import { KINDS } from "./kinds.ts";
import { OUTCOMES, ZONE_MAX_CHARACTERS } from "./notification.sql.ts";
import { UNREAD_MAX } from "./unread-max.ts";

export const Info = v.strictObject({
  id: Answer.uuid,
  kind: v.picklist(KINDS),
  actor: v.pipe(v.nullable(Person), v.description("Null for the platform, and for an admin.")),
  title: v.pipe(
    v.nullable(Answer.text(MAX_CHARACTERS.title, "Clear the drain")),
    v.description("Of the task or contribution, unless it is hidden."),
  ),
  task_id: v.nullable(Answer.uuid),
  contribution_id: v.nullable(Answer.uuid),
  comment_id: v.nullable(Answer.uuid),
  evidence_id: v.nullable(Answer.uuid),
  outcome: v.pipe(
    v.nullable(v.picklist(OUTCOMES)),
    v.description("Of a vote, a decision, a witness's answer or a report."),
  ),
  created_at: Answer.timestamp,
  read_at: v.nullable(Answer.timestamp),
});
export type Info = Answer.Of<typeof Info>;

const unreadCount = v.pipe(
  Answer.integer(0, UNREAD_MAX),
  v.description(`Of all notifications; ${UNREAD_MAX} for as many or more.`),
);
export const Unread = v.strictObject({ unread_count: unreadCount });
export type Unread = Answer.Of<typeof Unread>;
export const Feed = v.strictObject({ ...Answer.page(Info).entries, unread_count: unreadCount });
export type Feed = Answer.Of<typeof Feed>;

const time = v.pipe(v.string(), v.regex(/^\d\d:\d\d$/), Input.maxCharacters(5), v.metadata({ examples: ["21:00"] }));
const channels = v.strictObject({ feed: v.boolean(), mail: v.boolean(), push: v.boolean() });

export const Subscription = v.strictObject({
  id: Answer.uuid,
  service: Answer.text(253, "fcm.googleapis.com"),
  created_at: Answer.timestamp,
});
export type Subscription = Answer.Of<typeof Subscription>;

export const Settings = v.strictObject({
  time_zone: Answer.text(ZONE_MAX_CHARACTERS, "Asia/Jakarta"),
  quiet_hours: v.pipe(
    v.nullable(v.strictObject({ from: time, until: time })),
    v.description("In the member's time zone. Without mails and pushes; what is due then comes when they end."),
  ),
  push_public_key: v.pipe(
    v.nullable(
      Answer.text(87, "BPcMjnLF0fz2Lsjvq0k5N3c0H1JvYlO1mTq0b3o8dY3sC0yM4b1m8QfXcJwYy2m6gkV0jJc1qf3H5hR2nX8pZ7E"),
    ),
    v.description("The `applicationServerKey` of subscriptions; null where pushes are not set up."),
  ),
  preferences: v.strictObject(Object.fromEntries(KINDS.map((kind) => [kind, channels]))),
});
export type Settings = Answer.Of<typeof Settings>;
