import type { EVIDENCE_TYPES } from "../../outbox/index.ts";

/** The facts about an accepted piece of evidence that affect the score. */
export interface EvidenceFacts {
  readonly type: (typeof EVIDENCE_TYPES)[number];
  readonly accuracyMeters: number | null;
  /**
   * Number of witnesses of the piece: each name counts once, a member who has confirmed counts twice, and one who has
   * declined does not count.
   */
  readonly witnessCount: number;
}

const BASE = 0.5;
const BY_TYPE = { photo_with_timestamp: 0.2, gps_verification: 0.15, witness_attestation: 0.15 } as const;
const PRECISE_BONUS = 0.05;
const PRECISE_UNDER_METERS = 10;
const WITNESSES_BONUS = 0.05;
const WITNESSES_MORE_THAN = 2;
const MULTIPLIERS = [1, 1, 1.2, 1.5] as const;

/**
 * Quality score (0–1, two decimals) and reputation multiplier of a contribution with this accepted evidence
 * (platform.md §2).
 */
export function quality(accepted: readonly EvidenceFacts[]): { quality_score: number; reputation_multiplier: number } {
  // An attestation whose witnesses have all declined does not count.
  const counted = accepted.filter((piece) => piece.type !== "witness_attestation" || piece.witnessCount > 0);
  const types = new Set(counted.map((piece) => piece.type));
  let score = BASE;
  for (const type of types) score += BY_TYPE[type];
  if (accepted.some((piece) => piece.accuracyMeters !== null && piece.accuracyMeters < PRECISE_UNDER_METERS))
    score += PRECISE_BONUS;
  if (accepted.some((piece) => piece.witnessCount > WITNESSES_MORE_THAN)) score += WITNESSES_BONUS;
  return {
    quality_score: Math.min(1, Math.round(score * 100) / 100),
    reputation_multiplier: MULTIPLIERS[types.size] ?? 1.5,
  };
}
