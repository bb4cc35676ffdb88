import * as v from "valibot";
import { RELATIONSHIPS } from "../../outbox/index.ts";
import { Clock } from "../../platform/clock.ts";
import { Input } from "../../platform/input.ts";
import { MAX_CHARACTERS, MAX_WITNESSES, MEASURES } from "./evidence.sql.ts";
import { CONTENT_TYPES, FILE_RULES, MAX_PARTS } from "./file-rules.ts";

const OLDEST_DAYS = 30;
const CLOCK_SKEW_MINUTES = 5;

const sha256 = v.pipe(Input.string(), v.toLowerCase(), v.regex(/^[0-9a-f]{64}$/, "must be a SHA-256 as 64 hex digits"));

/** The time of the evidence: at most 30 days ago, and at most 5 minutes ahead of the server's clock. */
const recent = v.pipe(
  Input.timestamp,
  Input.rule(
    "too_small",
    (value) => Date.parse(value) >= Clock.now().getTime() - OLDEST_DAYS * 86_400_000,
    `must be at most ${OLDEST_DAYS} days ago`,
  ),
  Input.rule(
    "too_large",
    (value) => Date.parse(value) <= Clock.now().getTime() + CLOCK_SKEW_MINUTES * 60_000,
    "must not be in the future",
  ),
);

const file = v.strictObject({
  file_name: Input.fileName(MAX_CHARACTERS.file_name),
  content_type: Input.oneOf(CONTENT_TYPES),
  size_bytes: v.pipe(
    v.number("must be a number"),
    v.integer("must be a whole number"),
    v.minValue(1, "must be at least 1"),
  ),
  sha256,
});
type File = v.InferOutput<typeof file>;

export const UploadRequest = v.pipe(
  file,
  v.forward(
    Input.rule<File>(
      "too_small",
      ({ content_type, size_bytes }) => size_bytes >= FILE_RULES[content_type].smallest,
      ({ input }) => `must be at least ${FILE_RULES[input.content_type].smallest} for ${input.content_type}`,
    ),
    ["size_bytes"],
  ),
  v.forward(
    Input.rule<File>(
      "too_large",
      ({ content_type, size_bytes }) => size_bytes <= FILE_RULES[content_type].largest,
      ({ input }) => `must be at most ${FILE_RULES[input.content_type].largest} for ${input.content_type}`,
    ),
    ["size_bytes"],
  ),
);

const part = Input.object({
  part_number: v.pipe(
    v.number("must be a number"),
    v.integer("must be a whole number"),
    v.minValue(1, "must be at least 1"),
    v.maxValue(MAX_PARTS, `must be at most ${MAX_PARTS}`),
  ),
  sha256,
});

/** The parts of a file for which the client requests URLs. */
export const PartsRequest = v.strictObject({
  parts: v.pipe(
    Input.list(part, 1, MAX_PARTS, "parts"),
    Input.rule(
      "duplicate",
      (parts) => new Set(parts.map(({ part_number }) => part_number)).size === parts.length,
      "must not contain a part twice",
    ),
  ),
});

export const Witness = Input.object({
  witness_name: Input.name(1, MAX_CHARACTERS.witness_name),
  witness_id: v.optional(Input.uuid),
  relationship: v.optional(Input.oneOf(RELATIONSHIPS)),
  statement: v.optional(Input.text(0, MAX_CHARACTERS.statement)),
});

/** Whether all witnesses are different: more witnesses raise the score, so naming one twice is not allowed. */
function areDifferent(witnesses: readonly v.InferOutput<typeof Witness>[]): boolean {
  const who = witnesses.map(({ witness_id, witness_name }) => witness_id ?? witness_name.toLowerCase());
  return new Set(who).size === who.length;
}

const evidence_data = v.optional(Input.metadata, {});

export const Submission = v.variant(
  "evidence_type",
  [
    v.strictObject({
      evidence_type: v.literal("photo_with_timestamp"), // also a video or a PDF: see `FILE_RULES`
      proof: Input.object({ timestamp: recent, media_hash: sha256 }),
      upload_id: Input.uuid,
      evidence_data,
    }),
    v.strictObject({
      evidence_type: v.literal("gps_verification"),
      proof: Input.object({
        timestamp: recent,
        location: Input.object({ lat: Input.latitude, lon: Input.longitude }),
        accuracy_meters: v.optional(Input.between(...MEASURES.accuracy_meters)),
        altitude_meters: v.optional(Input.between(...MEASURES.altitude_meters)),
        speed_mps: v.optional(Input.between(...MEASURES.speed_mps)),
      }),
      evidence_data,
    }),
    v.strictObject({
      evidence_type: v.literal("witness_attestation"),
      proof: Input.object({
        timestamp: recent,
        witnesses: v.pipe(
          Input.list(Witness, 1, MAX_WITNESSES, "witnesses"),
          Input.rule("duplicate", (witnesses) => areDifferent(witnesses), "must not name a witness twice"),
        ),
      }),
      evidence_data,
    }),
  ],
  "must be one of photo_with_timestamp, gps_verification, witness_attestation",
);

/** The owner's decision on a piece that another member added. */
export const Consent = v.strictObject({ accept: v.boolean("must be true or false") });

/** The answer of a member who is named as a witness. */
export const Attestation = v.strictObject({ confirm: v.boolean("must be true or false") });

/** The reason for a withdrawal, which is required when an admin withdraws another member's piece. */
export const Withdrawal = v.strictObject({ reason: v.optional(Input.text(1, MAX_CHARACTERS.withdrawal_reason)) });

export type UploadRequest = v.InferOutput<typeof UploadRequest>;
export type PartsRequest = v.InferOutput<typeof PartsRequest>;
export type Submission = v.InferOutput<typeof Submission>;

export * as EvidenceInput from "./input.ts";
