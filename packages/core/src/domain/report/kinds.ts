export const TARGET_TYPES = ["task", "contribution", "evidence", "user"] as const;
export const REASONS = ["spam", "abuse", "fraud", "privacy", "dangerous", "other"] as const;
export const REPORT_STATUSES = ["open", "resolved"] as const;
/** What an admin can say that was done. */
export const DECISIONS = ["dismissed", "warned", "hidden"] as const;
/** What became of a report: an admin's decision, or the end of the account whose content it was about. */
export const OUTCOMES = [...DECISIONS, "account_deleted"] as const;
