/** Limits shared by code and database. */

/** Limits of fields that several domains share: items and characters. */
export const METADATA_MAX_KEYS = 50;
export const SKILLS_MAX = 10;
export const EMAIL_MAX_CHARACTERS = 254;
/** The most characters of a reason for hiding content. */
export const HIDING_REASON_MAX_CHARACTERS = 500;
/** The longest cursor contains a skill's name: at most 300 characters of up to four bytes, in Base64. */
export const CURSOR_MAX_CHARACTERS = 2_000;

/**
 * The largest object of free data (`metadata`, `evidence_data`), in bytes as `JSON.stringify` writes it (platform.md
 * §2).
 */
export const METADATA_MAX_BYTES = 16 * 1024;

/**
 * The most bytes that the items of one page may have as JSON. A larger page ends earlier, and its cursor continues from
 * there. So every response stays below 1 MB: Lambda's limit is 6 MB, and a phone on a poor network cannot load more in
 * reasonable time.
 */
export const PAGE_MAX_BYTES = 800_000;

/** Evidence is kept for seven years with leap days (platform.md §2), as in the bucket's rules (`infra/storage.ts`). */
export const EVIDENCE_RETENTION_DAYS = 2557;

/** Texts and places that a proof discloses; it omits the rest. */
export const DISCLOSURES_MAX_BYTES = 300_000;

/** Evidence and votes embedded in a contribution: at most this many of each, and this many bytes. */
export const EMBEDDED_MAX_ITEMS = 20;
export const EMBEDDED_EVIDENCE_MAX_BYTES = 500_000;
export const EMBEDDED_VOTES_MAX_BYTES = 200_000;

/** The longest address of a device at its push service; longer ones are of no known service. */
export const ENDPOINT_MAX_CHARACTERS = 1_000;
