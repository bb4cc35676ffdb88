export const TARGET_TYPES = ["task", "contribution", "evidence", "user", "comment"] as const;
export const REASONS = ["spam", "abuse", "fraud", "privacy", "dangerous", "other"] as const;
export const REPORT_STATUSES = ["open", "resolved"] as const;
/** Maximum lengths of a report's texts, in characters. */
export const MAX_CHARACTERS = { details: 2000, note: 2000 } as const;
/** The outcomes that an admin can choose. */
export const DECISIONS = ["dismissed", "warned", "hidden"] as const;
/** The outcome of a report: an admin's decision, or the deletion of the account that it was about. */
export const OUTCOMES = [...DECISIONS, "account_deleted"] as const;
