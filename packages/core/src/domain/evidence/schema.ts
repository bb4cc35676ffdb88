import * as v from "valibot";
import { EVIDENCE_TYPES, RELATIONSHIPS } from "../../outbox/index.ts";
import { Answer } from "../../platform/answer.ts";
import { Input } from "../../platform/input.ts";
import { MAX_CHARACTERS as CONTRIBUTION_CHARACTERS } from "../contribution/contribution.sql.ts";
import { hidden } from "../hidden/schema.ts";
import { EVIDENCE_STATUSES, MAX_CHARACTERS, MAX_WITNESSES } from "./evidence.sql.ts";
import { MAX_PARTS } from "./file-rules.ts";

const MAX_FINDINGS = 20;

/** A reason for doubt about a piece that proves no fraud; stored on the piece for verifiers. */
export const Finding = v.strictObject({
  code: Answer.text(100, "exif_place"),
  detail: Answer.text(1_000, "The picture was taken 1.2 km from another reading or picture."),
  evidence_id: v.pipe(v.nullable(Answer.uuid), v.description("The other piece of evidence that caused the finding.")),
  submitted_by: v.pipe(v.nullable(Answer.uuid), v.description("The submitter of that piece.")),
});
export type Finding = Answer.Of<typeof Finding>;

export const CONFIRMATIONS = ["named", "confirmed", "declined"] as const;

export const Witness = v.strictObject({
  witness_name: Answer.text(MAX_CHARACTERS.witness_name, "Ibu Sari"),
  witness_id: v.nullable(Answer.uuid),
  relationship: v.nullable(v.picklist(RELATIONSHIPS)),
  statement: v.nullable(Answer.text(MAX_CHARACTERS.statement, "The water runs again.")),
  confirmation: v.pipe(
    v.picklist(CONFIRMATIONS),
    v.description("`named`: only the submitter says so. A member who is named may confirm or decline."),
  ),
});
export type Witness = Answer.Of<typeof Witness>;

/** The metadata that a file contains, which any program can write. */
const FileReadings = v.strictObject({
  taken_at: v.pipe(
    v.nullable(Answer.text(19, "2026-05-01T09:30:00")),
    v.description("Wall time of the camera, or when a document was made."),
  ),
  utc_offset: v.pipe(v.nullable(Answer.text(6, "+07:00")), v.description("Of `taken_at`; null when it states none.")),
  gps_time: v.pipe(v.nullable(Answer.timestamp), v.description("From the satellites.")),
  location: v.nullable(Answer.coordinates),
  camera: v.nullable(Answer.text(200, "Acme Phone 5")),
  content_credentials: v.pipe(
    v.nullable(
      v.strictObject({
        integrity: v.pipe(v.picklist(["intact", "broken"]), v.description("Whether the file is as it was signed.")),
        trust: v.pipe(
          v.picklist(["trusted", "unknown", "expired"]),
          v.description("Whether an authority that this platform trusts vouches for the signer. Anyone can sign."),
        ),
        signer: v.nullable(Answer.text(200, "Acme Cameras")),
        generator: v.pipe(v.nullable(Answer.text(200, "Acme Camera 3")), v.description("The program that signed.")),
      }),
    ),
    v.description("Of a picture with a C2PA manifest."),
  ),
  pages: v.pipe(v.nullable(Answer.integer(1)), v.description("Of a document.")),
  duration_seconds: v.pipe(v.nullable(v.pipe(v.number(), v.minValue(0))), v.description("Of a video.")),
});

export const Details = v.strictObject({
  location: v.nullable(Answer.coordinates),
  accuracy_meters: v.nullable(v.number()),
  altitude_meters: v.nullable(v.number()),
  speed_mps: v.nullable(v.number()),
  witnesses: Answer.list(Witness, MAX_WITNESSES),
  file: v.pipe(v.nullable(FileReadings), v.description("What the file says about itself; null before it is examined.")),
  evidence_data: Answer.freeObject("Free data from the submitter."),
  findings: v.pipe(
    Answer.list(Finding, MAX_FINDINGS),
    v.description("Reasons to doubt the piece that prove no fraud."),
  ),
});
export type Details = Answer.Of<typeof Details>;

export const Info = v.strictObject({
  id: Answer.uuid,
  contribution_id: Answer.uuid,
  submitted_by: Answer.uuid,
  evidence_type: v.picklist(EVIDENCE_TYPES),
  status: v.pipe(
    v.picklist(EVIDENCE_STATUSES),
    v.description(
      "Only accepted pieces count. A piece added to another member's contribution awaits the owner's consent.",
    ),
  ),
  timestamp: Answer.timestamp,
  media_hash: v.nullable(Answer.sha256),
  thumbnail: v.pipe(
    v.nullable(Answer.text(100, "/v1/evidence/01890a5d-ac96-774b-bcce-b302099a8057/thumbnail")),
    v.description("The path that answers a URL of the piece's thumbnail; null without one that the caller may see."),
  ),
  refusal: v.nullable(
    v.strictObject({
      code: Answer.text(100, "UPLOAD_MISMATCH"),
      detail: Answer.text(1_000, "The file's SHA-256 differs from media_hash."),
    }),
  ),
  created_at: Answer.timestamp,
  decided_at: v.nullable(Answer.timestamp),
  /** The time of the withdrawal, and its reason; the reason is null for members who may not see the details. */
  withdrawal: v.nullable(
    v.strictObject({
      at: Answer.timestamp,
      by: Answer.uuid,
      reason: v.nullable(Answer.text(MAX_CHARACTERS.withdrawal_reason, "It shows my neighbour's house.")),
    }),
  ),
  details: v.pipe(
    v.nullable(Details),
    v.description(
      "For the submitter, verifiers, admins and, unless it is withdrawn, the contribution's owner; otherwise null.",
    ),
  ),
  hidden,
});
export type Info = Answer.Of<typeof Info>;
export const InfoPage = Answer.page(Info);

/** A claim that a member has witnessed the contribution. */
export const Attestation = v.strictObject({
  evidence_id: Answer.uuid,
  contribution_id: Answer.uuid,
  title: v.pipe(Answer.text(CONTRIBUTION_CHARACTERS.title, "Clear the drain"), v.description("Of the contribution.")),
  user_id: v.pipe(Answer.uuid, v.description("The owner of the contribution.")),
  submitted_by: Answer.uuid,
  timestamp: Answer.timestamp,
  ...Witness.entries,
});
export type Attestation = Answer.Of<typeof Attestation>;
export const AttestationPage = Answer.page(Attestation);

/** The presigned URL of an upload, and how to use it. */
export const uploadTarget = {
  upload_id: Answer.uuid,
  method: v.pipe(v.literal("PUT"), v.metadata({ type: "string" })),
  url: v.pipe(Answer.url, v.description("Accepts only this file, once.")),
  headers: v.pipe(
    v.record(v.string(), v.pipe(v.string(), Input.maxCharacters(1_000))),
    v.maxEntries(20),
    v.description("Send them unchanged."),
  ),
  expires_at: Answer.timestamp,
};

export const Upload = v.strictObject({
  ...uploadTarget,
  part_size_bytes: v.pipe(
    Answer.integer(1),
    v.description("A larger file can be sent in parts of this length, the last one shorter: `createUploadParts`."),
  ),
});
export type Upload = Answer.Of<typeof Upload>;

const partNumber = v.pipe(Answer.integer(1, MAX_PARTS), v.description("The first part has 1."));

export const UploadParts = v.strictObject({
  upload_id: Answer.uuid,
  parts: Answer.list(
    v.strictObject({
      part_number: partNumber,
      method: v.pipe(v.literal("PUT"), v.metadata({ type: "string" })),
      url: v.pipe(Answer.url, v.description("Accepts only this part.")),
      headers: v.pipe(
        v.record(v.string(), v.pipe(v.string(), Input.maxCharacters(100))),
        v.maxEntries(5),
        v.description("Send them unchanged."),
      ),
    }),
    MAX_PARTS,
  ),
  expires_at: Answer.timestamp,
});
export type UploadParts = Answer.Of<typeof UploadParts>;

export const UploadProgress = v.strictObject({
  upload_id: Answer.uuid,
  contribution_id: Answer.uuid,
  size_bytes: Answer.integer(1),
  sha256: Answer.sha256,
  part_size_bytes: Answer.integer(1),
  parts: v.pipe(
    Answer.list(v.strictObject({ part_number: partNumber, size_bytes: Answer.integer(1) }), MAX_PARTS),
    v.description("The parts that are there."),
  ),
  is_stored: v.pipe(v.boolean(), v.description("Whether the whole file is there, so that it can be submitted.")),
  resumable_until: Answer.timestamp,
});
export type UploadProgress = Answer.Of<typeof UploadProgress>;

export const Download = v.strictObject({ url: Answer.url, expires_at: Answer.timestamp });
export type Download = Answer.Of<typeof Download>;

export const Thumbnail = v.strictObject({
  url: v.pipe(Answer.url, v.description("A JPEG of at most 320 pixels a side, without any metadata.")),
  expires_at: Answer.timestamp,
});
export type Thumbnail = Answer.Of<typeof Thumbnail>;
