import { Clock } from "../../platform/clock.ts";

const KB = 1024;
const MB = 1024 * 1024;

/** Allowed uploads by content type: sizes in bytes, inclusive (platform.md §2). */
export const FILE_RULES = {
  "image/jpeg": { folder: "photos", extension: "jpg", smallest: 50 * KB, largest: 10 * MB },
  "image/png": { folder: "photos", extension: "png", smallest: 50 * KB, largest: 10 * MB },
  "image/webp": { folder: "photos", extension: "webp", smallest: 50 * KB, largest: 10 * MB },
  "image/heic": { folder: "photos", extension: "heic", smallest: 50 * KB, largest: 15 * MB },
  "application/pdf": { folder: "documents", extension: "pdf", smallest: 10 * KB, largest: 25 * MB },
  "video/mp4": { folder: "videos", extension: "mp4", smallest: 100 * KB, largest: 100 * MB },
  "video/quicktime": { folder: "videos", extension: "mov", smallest: 100 * KB, largest: 100 * MB },
} as const;

export type ContentType = keyof typeof FILE_RULES;
export const CONTENT_TYPES = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/heic",
  "application/pdf",
  "video/mp4",
  "video/quicktime",
] as const satisfies readonly ContentType[];

/** Time for which the URL of an upload, or of one of its parts, is valid. */
export const UPLOAD_URL_SECONDS = 300;
/**
 * Time after the first request for an unused upload during which a client can get new URLs for it. On a slow network, a
 * large file needs several URLs, since each is valid for only 5 minutes.
 */
export const RENEWABLE_HOURS = 24;

/** An upload that was first requested after this time can still get new URLs. */
export const renewableSince = (): Date => new Date(Clock.now().getTime() - RENEWABLE_HOURS * 3_600_000);

/** Minimum size of a picture: a smaller one shows too little to be credible. */
export const SMALLEST_PICTURE = { width: 640, height: 480 };

/** Length of each part of an upload; only the last may be shorter. S3 requires at least 5 MB for all but the last. */
export const PART_BYTES = 8 * MB;

/** The lengths of the parts of a file, in their order. */
export function partSizesOf(sizeBytes: number): number[] {
  const parts = Math.ceil(sizeBytes / PART_BYTES);
  return Array.from({ length: parts }, (_, index) => Math.min(PART_BYTES, sizeBytes - index * PART_BYTES));
}

/** Number of parts of the largest file. */
export const MAX_PARTS = Math.max(...Object.values(FILE_RULES).map(({ largest }) => partSizesOf(largest).length));
