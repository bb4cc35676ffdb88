import * as v from "valibot";
import { Changes } from "../../../platform/changes.ts";
import { Page } from "../../../platform/page.ts";

/** Format of a section's keys: an id, two ids, or a time and an event id. */
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const matching = (pattern: RegExp) => (key: string) => pattern.test(key);
const ID = matching(new RegExp(`^${UUID}$`));
const PAIR = matching(new RegExp(`^${UUID}/${UUID}$`));
function EVENT(key: string): boolean {
  const [at, id = "", ...more] = key.split("/");
  return v.is(Changes.Instant, at) && /^evt_[0-9a-f]{16}$/.test(id) && more.length === 0;
}

/** The sections of an export in order, with the format of their keys. */
const KEYS = {
  tasks_created: ID,
  task_assignments: ID,
  contributions: ID,
  evidence: ID,
  evidence_received: PAIR,
  files: ID,
  uploads: ID,
  avatars: ID,
  witness_of: ID,
  verifications: ID,
  verifications_received: PAIR,
  invitations: ID,
  vouches_given: ID,
  vouches_received: ID,
  comments: ID,
  notifications: ID,
  notification_settings: ID,
  push_subscriptions: ID,
  reports: ID,
  blocks: ID,
  sessions: ID,
  logins: ID,
  second_factors: ID,
  events: EVENT,
  audit_log: ID,
};
export type SectionName = keyof typeof KEYS;
export const SECTION_NAMES = Object.keys(KEYS).filter((name): name is SectionName => name in KEYS);

/** A section, and the key of the last returned item; the key is empty at the beginning of the section. */
const Position = v.pipe(
  v.tuple([v.picklist(SECTION_NAMES), v.string()]),
  v.check(([name, key]) => key === "" || KEYS[name](key)),
);
export const paging = Page.paging("export", Position);
export const Query = v.strictObject({ cursor: paging.query.cursor });

export * as ExportQuery from "./query.ts";
