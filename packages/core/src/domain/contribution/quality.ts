import type { EVIDENCE_TYPES } from "../../outbox/index.ts";

/** The facts about an accepted piece of evidence that affect the score. */
export interface EvidenceFacts {
  readonly type: (typeof EVIDENCE_TYPES)[number];
  readonly accuracyMeters: number | null;
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
  const types = new Set(accepted.map((piece) => piece.type));
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
