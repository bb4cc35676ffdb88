/**
 * The texts that replace what a deleted member wrote. They are stored in English; the API translates them for each
 * reader.
 */
export const ERASED_TEXTS = {
  task: "Task of a deleted member",
  contribution: "Contribution of a deleted member",
  comment: "Comment of a deleted member",
  /** The name of a witness. */
  member: "deleted member",
  /** Why the content is hidden. */
  reason: "Its owner has deleted their account.",
} as const;
