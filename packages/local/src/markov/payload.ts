import * as v from "valibot";

/**
 * Schemas of the payloads in Markov's contract (platform.md §4). They are defined a second time on purpose: the
 * receiver must not share the sender's code.
 */
const uuid = v.pipe(v.string(), v.uuid());
const timestamp = v.pipe(v.string(), v.isoTimestamp());
const metadata = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((value) => Object.keys(value).length <= 50, "at most 50 keys"),
);
const CONTRIBUTION_TYPES = [
  "task_completion",
  "code_review",
  "documentation",
  "mentoring",
  "event_organization",
  "community_service",
  "custom",
] as const;
const place = v.strictObject({
  lat: v.pipe(v.number(), v.minValue(-90), v.maxValue(90)),
  lon: v.pipe(v.number(), v.minValue(-180), v.maxValue(180)),
});
const envelope = {
  event_id: v.pipe(v.string(), v.regex(/^evt_[0-9a-f]{16}$/)),
  timestamp,
  actor: v.strictObject({ user_id: uuid, username: v.string() }),
};
const evidence = {
  ...envelope,
  event_type: v.literal("por_evidence"),
};
const about = <T extends string>(type: T) =>
  v.strictObject({ contribution_id: uuid, evidence_type: v.literal(type), evidence_data: metadata });
const witness = v.strictObject({
  witness_name: v.pipe(v.string(), v.maxLength(255)),
  witness_id: v.optional(uuid),
  relationship: v.optional(v.picklist(["supervisor", "peer", "beneficiary", "other"])),
  statement: v.optional(v.pipe(v.string(), v.maxLength(2000))),
});

export const Payload = v.union([
  v.strictObject({
    ...envelope,
    event_type: v.literal("contribution_created"),
    subject: v.strictObject({
      contribution_id: uuid,
      contribution_type: v.picklist(CONTRIBUTION_TYPES),
      title: v.pipe(v.string(), v.maxLength(200)),
      description: v.optional(v.string()),
      evidence_url: v.optional(v.string()),
      skill_ids: v.optional(v.pipe(v.array(uuid), v.maxLength(10))),
      metadata: v.optional(metadata),
    }),
  }),
  v.strictObject({
    ...envelope,
    event_type: v.literal("vouch_submitted"),
    subject: v.strictObject({
      vouchee_id: uuid,
      skill_id: v.optional(uuid),
      weight_hint: v.optional(v.picklist(["strong", "moderate", "light"])),
      message: v.optional(v.pipe(v.string(), v.maxLength(500))),
    }),
  }),
  v.strictObject({
    ...evidence,
    subject: about("photo_with_timestamp"),
    proof: v.strictObject({ timestamp, media_hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)) }),
  }),
  v.strictObject({
    ...evidence,
    subject: about("gps_verification"),
    proof: v.strictObject({ timestamp, location: place }),
  }),
  v.strictObject({
    ...evidence,
    subject: about("witness_attestation"),
    proof: v.strictObject({ timestamp, witnesses: v.pipe(v.array(witness), v.minLength(1), v.maxLength(10)) }),
  }),
]);
export type Payload = v.InferOutput<typeof Payload>;
