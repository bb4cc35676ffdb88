/** Sizes that code and database share. */

/** The most bytes that an object of free data (`metadata`, `evidence_data`) has, as `JSON.stringify` writes it (platform.md §2). */
export const METADATA_MAX_BYTES = 16 * 1024;

/**
 * The most bytes that the items of one page have as JSON. A page that would have more ends earlier, and its cursor goes on from
 * there. Every answer then stays below 1 MB: Lambda takes 6 MB, and a phone on a poor network takes no more than this for long.
 */
export const PAGE_MAX_BYTES = 800_000;

/** What a contribution shows of its evidence and votes: so many of each at most, in so many bytes. */
export const EMBEDDED_MAX_ITEMS = 20;
export const EMBEDDED_EVIDENCE_MAX_BYTES = 500_000;
export const EMBEDDED_VOTES_MAX_BYTES = 200_000;
