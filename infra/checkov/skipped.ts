/** Checks of checkov that do not fit what is here, each with the reason; a rule of ours in its place is named. */
export const SKIPPED: Readonly<Record<string, string>> = {};
