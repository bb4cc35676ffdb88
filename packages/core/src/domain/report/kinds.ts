export const TARGET_TYPES = ["task", "contribution", "evidence", "user", "comment"] as const;
export const REASONS = ["spam", "abuse", "fraud", "privacy", "dangerous", "other"] as const;
export const REPORT_STATUSES = ["open", "resolved"] as const;
/** The most characters of a report's texts. */
export const MAX_CHARACTERS = { details: 2000, note: 2000 } as const;
/** The outcomes that an admin can choose. */
export const DECISIONS = ["dismissed", "warned", "hidden"] as const;
/** The outcome of a report: an admin's decision, or the deletion of the account that it was about. */
export const OUTCOMES = [...DECISIONS, "account_deleted"] as const;
