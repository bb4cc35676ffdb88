/** Kinds of notifications. A kind names the act from the view of its recipient. */
export const KINDS = [
  "task_claimed",
  "task_assigned",
  "task_given_back",
  "task_unassigned",
  "claim_expired",
  "task_completed",
  "task_cancelled",
  "cannot_come",
  "task_tomorrow",
  "task_soon",
  "marked_absent",
  "verification_waiting",
  "vote_received",
  "contribution_decided",
  "evidence_waiting",
  "evidence_refused",
  "vouch_received",
  "witness_asked",
  "witness_answered",
  "comment_received",
  "invitation_accepted",
  "report_decided",
  "content_hidden",
] as const;
export type Kind = (typeof KINDS)[number];

/**
 * The channels by which a notification reaches its member: the list in the app, a digest by mail, a push to their devices.
 */
export const CHANNELS = ["feed", "mail", "push"] as const;
export type Channels = Readonly<Record<(typeof CHANNELS)[number], boolean>>;

const ALL: Channels = { feed: true, mail: true, push: true };
/**
 * Channels of frequent notifications, and of notifications that require no action: a push would interrupt the member
 * for little.
 */
const QUIET: Channels = { feed: true, mail: true, push: false };
/** Channels of urgent notifications, for which a digest would come days too late. */
const AT_ONCE: Channels = { feed: true, mail: false, push: true };

/** Default channels of each kind of notification. */
export const DEFAULTS: Readonly<Record<Kind, Channels>> = {
  task_claimed: ALL,
  task_assigned: ALL,
  task_given_back: ALL,
  task_unassigned: ALL,
  claim_expired: ALL,
  task_completed: ALL,
  task_cancelled: ALL,
  cannot_come: ALL,
  task_tomorrow: AT_ONCE,
  task_soon: AT_ONCE,
  marked_absent: ALL,
  verification_waiting: QUIET,
  vote_received: QUIET,
  contribution_decided: ALL,
  evidence_waiting: ALL,
  evidence_refused: ALL,
  vouch_received: ALL,
  witness_asked: ALL,
  witness_answered: QUIET,
  comment_received: ALL,
  invitation_accepted: QUIET,
  report_decided: QUIET,
  content_hidden: QUIET,
};

/** A member's own settings by kind; {@link DEFAULTS} apply to the kinds and channels that are missing. */
export type Choices = Readonly<Partial<Record<Kind, Partial<Channels>>>>;

/** The channels of a kind for a member with these settings. */
export const channelsOf = (kind: Kind, choices: Choices): Channels => ({ ...DEFAULTS[kind], ...choices[kind] });

/** The settings after a change; a channel that the change does not name stays. */
export function changed(choices: Choices, change: Choices): Choices {
  const kinds = KINDS.filter((kind) => choices[kind] !== undefined || change[kind] !== undefined);
  return Object.fromEntries(kinds.map((kind) => [kind, { ...choices[kind], ...change[kind] }]));
}
