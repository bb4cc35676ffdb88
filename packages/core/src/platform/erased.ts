/**
 * The texts that replace the texts of a deleted member. They are stored in English; the API translates them for each
 * reader.
 */
export const ERASED_TEXTS = {
  task: "Task of a deleted member",
  contribution: "Contribution of a deleted member",
  comment: "Comment of a deleted member",
  /** Replaces the name of a witness. */
  member: "deleted member",
  /** Replaces the reason for hiding the content. */
  reason: "Its owner has deleted their account.",
} as const;

/**
 * Matches words that every text of {@link ERASED_TEXTS} contains, and that few other texts contain. One search for
 * these words takes an eighth of the time of a separate search for each whole text, which took 9 % of the CPU time of a
 * cached list.
 */
export const ERASED_WORDS = /deleted (?:member|their account)/;
