import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  text,
  unique,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { EVIDENCE_TYPES, RELATIONSHIPS } from "../../outbox/index.ts";
import { contributions } from "../contribution/contribution.sql.ts";
import {
  enumColumn,
  coordinateRule,
  coordinates,
  createdAt,
  hiding,
  hidingRule,
  id,
  lengthRule,
  nameRule,
  metadata,
  metadataRule,
  timestamptz,
  oneOf,
  textRule,
  timestamps,
} from "../../platform/db/columns.ts";
import { users } from "../user/user.sql.ts";
import { CONTENT_TYPES, FILE_RULES } from "./file-rules.ts";
import type { Finding } from "./schema.ts";

/** Statuses of a piece of evidence, as in the diagram of docs/domain.md. Only `accepted` counts. */
export const EVIDENCE_STATUSES = ["examining", "awaiting_consent", "accepted", "refused", "withdrawn"] as const;
/**
 * Maximum lengths of evidence texts and file names, in characters, and the maximum number of witnesses of one piece.
 */
export const MAX_CHARACTERS = { file_name: 255, witness_name: 255, statement: 2000, withdrawal_reason: 500 } as const;
export const MAX_WITNESSES = 10;

/** Smallest and largest valid values of a GPS reading. */
export const MEASURES = {
  accuracy_meters: [0, 100_000],
  altitude_meters: [-1_000, 100_000],
  speed_mps: [0, 20_000],
} as const;

const measureRule = sql.raw(
  Object.entries(MEASURES)
    .map(([column, [least, most]]) => `${column} between ${least} and ${most}`)
    .join(" and "),
);
const sizeRule = sql.raw(
  `case content_type ${Object.entries(FILE_RULES)
    .map(([type, { smallest, largest }]) => `when '${type}' then size_bytes between ${smallest} and ${largest}`)
    .join(" ")} end`,
);

/**
 * Condition: Markov has received an event for the piece, since the piece is accepted, or was accepted before it was
 * withdrawn.
 */
export const wasAccepted = sql`(status = 'accepted' or status = 'withdrawn' and decided_at is not null)`;

/**
 * Statuses of an upload: `open` until evidence uses it, then `used`. The sweep ends an upload that stays open for too
 * long, so that no submission can use it; its file and then its row are deleted (`unused-uploads.ts`).
 */
const UPLOAD_STATUSES = ["open", "used", "ended"] as const;

/** One row for each presigned upload URL. */
export const uploads = pgTable(
  "uploads",
  {
    ...id,
    contributionId: uuid("contribution_id")
      .notNull()
      .references(() => contributions.id),
    userId: uuid("user_id")
      .notNull()
      .references(() => users.id),
    objectKey: text("object_key").notNull().unique("uploads_object_key_key"),
    fileName: text("file_name").notNull(),
    contentType: text("content_type").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text("sha256").notNull(),
    ...createdAt,
    expiresAt: timestamptz("expires_at").notNull(),
    /** Id that the storage gave to an upload in parts; null for any other upload, and once the upload has ended. */
    multipartId: text("multipart_id"),
    status: enumColumn("status", UPLOAD_STATUSES).notNull().default("open"),
  },
  (t) => [
    index("uploads_contribution_id_idx").on(t.contributionId),
    index("uploads_user_id_idx").on(t.userId, t.createdAt),
    index("uploads_created_at_idx").on(t.createdAt),
    index("uploads_multipart_idx")
      .on(t.createdAt)
      .where(sql`multipart_id is not null`),
    /** The uploads that the sweep ends or whose files are deleted, oldest first. */
    index("uploads_unused_idx")
      .on(t.status, t.createdAt)
      .where(sql`status <> 'used'`),
    /** The uploads that count towards a member's limit of bytes. */
    index("uploads_unused_of_member_idx")
      .on(t.userId)
      .where(sql`status <> 'used'`),
    /** Evidence references this key, so that its upload belongs to the same contribution and member. */
    unique("uploads_owner_key").on(t.id, t.contributionId, t.userId),
    check("uploads_status_rule", oneOf("status", UPLOAD_STATUSES)),
    check("uploads_content_type_rule", oneOf("content_type", CONTENT_TYPES)),
    check("uploads_size_bytes_rule", sizeRule),
    check("uploads_sha256_rule", sql`sha256 ~ '^[0-9a-f]{64}$'`),
    check("uploads_file_name_rule", nameRule("file_name", MAX_CHARACTERS.file_name)),
  ],
);

export type UploadRow = typeof uploads.$inferSelect;

/**
 * Condition: no evidence uses the upload, and the sweep has not ended it. The status is part of the statement's text, and
 * not a parameter, so that PostgreSQL can use the small indexes of unused uploads.
 */
export const isOpenUpload = sql`${uploads.status} = 'open'`;

export const evidence = pgTable(
  "evidence",
  {
    ...id,
    contributionId: uuid("contribution_id")
      .notNull()
      .references(() => contributions.id),
    submittedBy: uuid("submitted_by")
      .notNull()
      .references(() => users.id),
    evidenceType: enumColumn("evidence_type", EVIDENCE_TYPES).notNull(),
    status: enumColumn("status", EVIDENCE_STATUSES).notNull(),
    /** When the evidence was created, according to the submitter. */
    claimedAt: timestamptz("claimed_at").notNull(),
    ...coordinates,
    accuracyMeters: doublePrecision("accuracy_meters"),
    altitudeMeters: doublePrecision("altitude_meters"),
    speedMps: doublePrecision("speed_mps"),
    mediaHash: text("media_hash"),
    uploadId: uuid("upload_id").references(() => uploads.id),
    /** The version of the object that was examined, if the storage has versions. */
    objectVersionId: text("object_version_id"),
    evidenceData: metadata("evidence_data"),
    /** Findings about the piece: reasons for doubt that prove no fraud, shown to verifiers. */
    findings: jsonb("findings").$type<Finding[]>().notNull().default([]),
    /** EXIF data read from the file: private, like the original. */
    exif: jsonb("exif").$type<Record<string, unknown>>(),
    /** The perceptual hash of the picture, 16 hex digits: similar pictures differ in few bits (`picture-likeness.ts`). */
    pictureHash: text("picture_hash"),
    /** The perceptual hashes of the whole picture and of windows in it. */
    pictureWindows: text("picture_windows").array(),
    /** The tokens by which an index finds similar pictures. */
    pictureTokens: integer("picture_tokens").array(),
    /** When a malware scanner found the file clean or infected; null without a scanner, and before its result. */
    scannedAt: timestamptz("scanned_at"),
    /** The scanner's name of the malware. The file is then in quarantine, whatever the status of the piece. */
    threat: text("threat"),
    /** The number of examinations that were started. */
    examinations: integer("examinations").notNull().default(0),
    refusalCode: text("refusal_code"),
    refusalDetail: text("refusal_detail"),
    /**
     * When the piece was accepted or refused. A withdrawn piece with this time was accepted before, so Markov has its
     * event.
     */
    decidedAt: timestamptz("decided_at"),
    /** When the texts, places and files of the piece were erased, after its submitter deleted their account. */
    erasedAt: timestamptz("erased_at"),
    withdrawnAt: timestamptz("withdrawn_at"),
    withdrawnBy: uuid("withdrawn_by").references(() => users.id),
    withdrawalReason: text("withdrawal_reason"),
    ...timestamps,
    ...hiding(() => users.id),
  },
  (t) => [
    foreignKey({
      name: "evidence_upload_fk",
      columns: [t.uploadId, t.contributionId, t.submittedBy],
      foreignColumns: [uploads.id, uploads.contributionId, uploads.userId],
    }),
    index("evidence_contribution_id_idx").on(t.contributionId, t.id),
    index("evidence_submitted_by_idx").on(t.submittedBy, t.id),
    uniqueIndex("evidence_upload_id_key").on(t.uploadId),
    index("evidence_created_at_idx").on(t.createdAt),
    /** One file can be accepted as evidence only once: a second use is refused. */
    uniqueIndex("evidence_media_hash_accepted_key").on(t.mediaHash).where(wasAccepted),
    index("evidence_withdrawn_by_idx").on(t.withdrawnBy),
    index("evidence_examining_idx")
      .on(t.updatedAt)
      .where(sql`status = 'examining'`),
    index("evidence_readings_idx")
      .on(t.submittedBy, t.claimedAt)
      .where(sql`evidence_type = 'gps_verification'`),
    /**
     * Without GIN's list of pending entries (`fastupdate`): each of a search's thousands of lookups would read the
     * whole list.
     */
    index("evidence_picture_tokens_idx").using("gin", t.pictureTokens).with({ fastupdate: false }),
    check("evidence_picture_hash_rule", sql`picture_hash ~ '^[0-9a-f]{16}$'`),
    check("evidence_type_rule", oneOf("evidence_type", EVIDENCE_TYPES)),
    check("evidence_status_rule", oneOf("status", EVIDENCE_STATUSES)),
    check("evidence_coordinates_rule", coordinateRule),
    check("evidence_media_hash_rule", sql`media_hash ~ '^[0-9a-f]{64}$'`),
    check(
      "evidence_shape_rule",
      sql`erased_at is not null or case evidence_type when 'photo_with_timestamp' then media_hash is not null and upload_id is not null when 'gps_verification' then latitude is not null and media_hash is null else latitude is null and media_hash is null end`,
    ),
    check("evidence_hidden_rule", hidingRule),
    check(
      "evidence_decided_rule",
      sql`case when status in ('examining', 'awaiting_consent') then decided_at is null else status = 'withdrawn' or decided_at is not null end`,
    ),
    check(
      "evidence_withdrawn_rule",
      sql`(status = 'withdrawn') = (withdrawn_at is not null) and (withdrawn_at is null) = (withdrawn_by is null) and (withdrawal_reason is null or withdrawn_at is not null and ${textRule("withdrawal_reason", MAX_CHARACTERS.withdrawal_reason)})`,
    ),
    check("evidence_refusal_rule", sql`(status = 'refused') = (refusal_code is not null)`),
    check("evidence_threat_rule", sql`threat is null or scanned_at is not null and ${lengthRule("threat", 1, 100)}`),
    check("evidence_measures_rule", measureRule),
    check("evidence_data_rule", metadataRule("evidence_data")),
    check("evidence_findings_rule", sql`jsonb_typeof(findings) = 'array'`),
  ],
);

export const witnesses = pgTable(
  "witnesses",
  {
    ...id,
    evidenceId: uuid("evidence_id")
      .notNull()
      .references(() => evidence.id),
    position: integer("position").notNull(),
    witnessName: text("witness_name").notNull(),
    witnessId: uuid("witness_id").references(() => users.id),
    relationship: enumColumn("relationship", RELATIONSHIPS),
    statement: text("statement"),
    /** The answer of a witness who is a member; null until they answer, and for a witness without an id. */
    hasConfirmed: boolean("has_confirmed"),
    answeredAt: timestamptz("answered_at"),
  },
  (t) => [
    unique("witnesses_position_key").on(t.evidenceId, t.position),
    index("witnesses_witness_id_idx").on(t.witnessId, t.id),
    index("witnesses_name_idx")
      .on(sql`lower(${t.witnessName})`, t.id)
      .where(sql`witness_id is null`),
    check("witnesses_position_rule", sql`position between 1 and ${sql.raw(String(MAX_WITNESSES))}`),
    check("witnesses_name_rule", nameRule("witness_name", MAX_CHARACTERS.witness_name)),
    /** Index of attestations that wait for their member's answer, newest first. */
    index("witnesses_unanswered_idx")
      .on(t.witnessId, t.id.desc())
      .where(sql`has_confirmed is null`),
    check(
      "witnesses_answer_rule",
      sql`(has_confirmed is null) = (answered_at is null) and (has_confirmed is null or witness_id is not null)`,
    ),
    check("witnesses_relationship_rule", oneOf("relationship", RELATIONSHIPS)),
    check("witnesses_statement_rule", lengthRule("statement", 0, MAX_CHARACTERS.statement)),
  ],
);
