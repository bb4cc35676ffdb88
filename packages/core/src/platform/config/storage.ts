import * as v from "valibot";
import { oneLine, url, utcOffsets, wholeNumber } from "./values.ts";

const STORAGE_CAPABILITIES = ["versions", "tags", "lock"] as const;
const MALWARE_SCANNERS = ["none", "clamd", "guardduty"] as const;

export const storage = v.object({
  AWS_REGION: v.optional(oneLine, "us-east-1"),
  S3_ENDPOINT: v.optional(url("http:", "https:")),
  /** The storage URL for clients, if it differs from the URL that this process uses. */
  S3_PUBLIC_ENDPOINT: v.optional(url("http:", "https:")),
  S3_BUCKET: oneLine,
  S3_ACCESS_KEY: v.optional(oneLine),
  S3_SECRET_KEY: v.optional(oneLine),
  /**
   * Features of the storage beyond plain objects, separated by commas, or `none`. `lock` needs a bucket that was created with object lock.
   */
  S3_CAPABILITIES: v.pipe(
    v.optional(v.string(), "versions,tags"),
    v.transform((value) => (value === "none" ? [] : value.split(","))),
    v.array(v.picklist(STORAGE_CAPABILITIES, `must be none, or a list of ${STORAGE_CAPABILITIES.join(", ")}`)),
  ),
  /**
   * The malware scanner for evidence: `clamd` under `CLAMD_URL`, or GuardDuty Malware Protection for S3, which writes its result as a tag of the
   * object.
   */
  MALWARE_SCANNER: v.optional(v.picklist(MALWARE_SCANNERS, `must be one of ${MALWARE_SCANNERS.join(", ")}`), "none"),
});

export const examination = v.object({
  /** URL of ClamAV's daemon, for `MALWARE_SCANNER=clamd`. */
  CLAMD_URL: v.optional(url("tcp:"), "tcp://127.0.0.1:3310"),
  /** Upper limit of files that one process examines at the same time, each in a child process. */
  EXAMINATIONS_AT_ONCE: v.optional(wholeNumber(1, 16), "1"),
  /** CPU time limit for one file; above it the file is refused. */
  EXAMINATION_CPU_SECONDS: v.optional(wholeNumber(1, 100), "10"),
  /** Memory limit for one file; above it the file is refused. 160 MB are for the program, the rest for a picture. */
  EXAMINATION_MEMORY_MB: v.optional(wholeNumber(256, 8192), "512"),
  /** PEM certificates of the authorities that are trusted to sign content credentials (C2PA). */
  CONTENT_CREDENTIAL_ANCHORS: v.optional(v.string(), ""),
  /** UTC offsets of the members' time zones, with which a picture's time without a zone is compared. Default: Indonesia. */
  COMMUNITY_UTC_OFFSETS: v.optional(utcOffsets, "+07:00,+08:00,+09:00"),
});
