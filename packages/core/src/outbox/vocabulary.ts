// Enums of the contract with Markov (platform.md §4), which tables and inputs of the domain use.

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
/** The witness's relationship to the owner of the contribution. */
export const RELATIONSHIPS = ["supervisor", "peer", "beneficiary", "other"] as const;
/** The intended weight of a vouch. */
export const WEIGHT_HINTS = ["strong", "moderate", "light"] as const;
