const KB = 1024;

/** Content types of profile pictures: the types that libvips decodes in the examiner. */
export const AVATAR_TYPES = ["image/jpeg", "image/png", "image/webp"] as const;
export const AVATAR_EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" } as const;

/** Sizes of an upload in bytes, inclusive. An app crops and reduces the picture first, so that 2 MB are plenty. */
export const AVATAR_BYTES = { smallest: 100, largest: 2 * KB * KB } as const;

/** Maximum size of the stored picture, a limit of the database: 256×256 pixels of three channels, half a byte each. */
export const PICTURE_MAX_BYTES = 96 * KB;

/** Uploads that a member can request in 24 hours. */
export const AVATARS_PER_DAY = 10;

/** Time for which an upload URL is valid. */
export const AVATAR_URL_SECONDS = 300;

/** Time after which an uploaded file that was never set as a profile picture is removed. */
export const ABANDONED_SECONDS = 24 * 3600;
