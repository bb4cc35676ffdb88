/** Limits shared by code and database. */

/** Limits of fields that several domains share: items and characters. */
export const METADATA_MAX_KEYS = 50;
export const SKILLS_MAX = 10;
export const EMAIL_MAX_CHARACTERS = 254;
/** Maximum length of a reason for hiding content. */
export const HIDING_REASON_MAX_CHARACTERS = 500;
/** Maximum length of a cursor. The longest one contains a skill's name: up to 300 characters of four bytes, in Base64. */
export const CURSOR_MAX_CHARACTERS = 2_000;

/**
 * Maximum size of an object with arbitrary fields (`metadata`, `evidence_data`), in bytes of its `JSON.stringify`
 * output (platform.md §2).
 */
export const METADATA_MAX_BYTES = 16 * 1024;

/**
 * Maximum size of the items of one page, in bytes as JSON. A page that would be larger is cut, and its cursor continues after the last item.
 * This keeps every response below 1 MB: Lambda's limit is 6 MB, and a phone on a poor network cannot load more in reasonable time.
 */
export const PAGE_MAX_BYTES = 800_000;

/** Retention of evidence: seven years including leap days (platform.md §2), as in the bucket's rules (`infra/storage.ts`). */
export const EVIDENCE_RETENTION_DAYS = 2557;

/**
 * Days after which a file that no evidence uses is deleted. An upload gets presigned URLs for one day only. The further
 * days are for clients that submit the evidence later, such as a phone without a network.
 */
export const UNUSED_UPLOAD_DAYS = 7;

/** Maximum size of the texts and places that a proof discloses; the proof omits the rest. */
export const DISCLOSURES_MAX_BYTES = 300_000;

/**
 * Upper limits of the evidence and votes that a response about a contribution contains: number of items of each kind,
 * and bytes.
 */
export const EMBEDDED_MAX_ITEMS = 20;
export const EMBEDDED_EVIDENCE_MAX_BYTES = 500_000;
export const EMBEDDED_VOTES_MAX_BYTES = 200_000;

/** Maximum length of a device's push URL; no known push service uses longer URLs. */
export const ENDPOINT_MAX_CHARACTERS = 1_000;
