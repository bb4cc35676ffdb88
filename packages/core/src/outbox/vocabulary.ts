// Words of the contract with Markov (platform.md §4), which tables and inputs of the domain take over.

export const CONTRIBUTION_TYPES = [
  "task_completion",
  "code_review",
  "documentation",
  "mentoring",
  "event_organization",
  "community_service",
  "custom",
] as const;
export const EVIDENCE_TYPES = ["photo_with_timestamp", "gps_verification", "witness_attestation"] as const;
/** What a witness is to the member for whom they speak. */
export const RELATIONSHIPS = ["supervisor", "peer", "beneficiary", "other"] as const;
/** How much a vouch is meant to weigh. */
export const WEIGHT_HINTS = ["strong", "moderate", "light"] as const;
