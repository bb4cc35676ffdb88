import * as v from "valibot";
import { CONTRIBUTION_TYPES, EVIDENCE_TYPES, RELATIONSHIPS, WEIGHT_HINTS } from "./vocabulary.ts";

/**
 * The bodies of events that Markov accepts, by `event_type` (platform.md §4), without the fields that `Event.create`
 * adds to all of them. `contribution_id` is our addition: without it evidence could not be matched.
 */
const Body = v.variant("event_type", [
  v.strictObject({
    event_type: v.literal("contribution_created"),
    subject: v.strictObject({
      contribution_id: v.string(),
      contribution_type: v.picklist(CONTRIBUTION_TYPES),
      title: v.string(),
      description: v.optional(v.string()),
      skill_ids: v.optional(v.pipe(v.array(v.string()), v.maxLength(10))),
      metadata: v.optional(v.record(v.string(), v.unknown())),
    }),
  }),
  v.strictObject({
    event_type: v.literal("vouch_submitted"),
    subject: v.strictObject({
      vouchee_id: v.string(),
      skill_id: v.optional(v.string()),
      weight_hint: v.optional(v.picklist(WEIGHT_HINTS)),
      message: v.optional(v.string()),
    }),
  }),
  v.strictObject({
    event_type: v.literal("por_evidence"),
    subject: v.strictObject({
      contribution_id: v.string(),
      evidence_type: v.picklist(EVIDENCE_TYPES),
      evidence_data: v.record(v.string(), v.unknown()),
    }),
    proof: v.strictObject({
      timestamp: v.string(),
      media_hash: v.optional(v.string()),
      location: v.optional(v.strictObject({ lat: v.number(), lon: v.number() })),
      witnesses: v.optional(
        v.array(
          v.strictObject({
            witness_name: v.string(),
            witness_id: v.optional(v.string()),
            relationship: v.optional(v.picklist(RELATIONSHIPS)),
            statement: v.optional(v.string()),
          }),
        ),
      ),
    }),
  }),
]);

export type Body = v.InferOutput<typeof Body>;
