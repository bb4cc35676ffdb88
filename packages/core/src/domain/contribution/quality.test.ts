import { expect, test } from "vitest";
import { quality } from "./quality.ts";

const piece = (
  type: "photo_with_timestamp" | "gps_verification" | "witness_attestation",
  accuracyMeters: number | null = null,
  witnessCount = 0,
) => ({ type, accuracyMeters, witnessCount });

test("the quality score of accepted evidence follows the table of platform.md §2", () => {
  expect(quality([])).toEqual({ quality_score: 0.5, reputation_multiplier: 1 });
  expect(quality([piece("photo_with_timestamp")])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(quality([piece("gps_verification", 10)])).toEqual({
    quality_score: 0.65,
    reputation_multiplier: 1,
  });
  expect(quality([piece("gps_verification", 9.9)])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(quality([piece("witness_attestation", null, 2)])).toEqual({
    quality_score: 0.65,
    reputation_multiplier: 1,
  });
  expect(quality([piece("witness_attestation", null, 3)])).toEqual({
    quality_score: 0.7,
    reputation_multiplier: 1,
  });
  expect(quality([piece("photo_with_timestamp"), piece("photo_with_timestamp"), piece("gps_verification")])).toEqual({
    quality_score: 0.85,
    reputation_multiplier: 1.2,
  });
  expect(
    quality([piece("photo_with_timestamp"), piece("gps_verification", 1), piece("witness_attestation", null, 9)]),
  ).toEqual({ quality_score: 1, reputation_multiplier: 1.5 });
});

test("an attestation whose witnesses have all declined adds nothing to the quality score", () => {
  expect(quality([piece("witness_attestation", null, 0)])).toEqual(quality([]));
});
