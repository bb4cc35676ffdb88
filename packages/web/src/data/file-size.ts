const KB = 1024;
export const MB = 1024 * KB;

/**
 * The smallest and the largest size of a file of each content type, in bytes. A test compares them with the API's
 * limits.
 */
export const SIZES = {
  "image/jpeg": [50 * KB, 10 * MB],
  "image/png": [50 * KB, 10 * MB],
  "image/webp": [50 * KB, 10 * MB],
  "image/heic": [50 * KB, 15 * MB],
  "application/pdf": [10 * KB, 25 * MB],
  "video/mp4": [100 * KB, 100 * MB],
  "video/quicktime": [100 * KB, 100 * MB],
} as const;

/** Thrown for a file that the API would reject because of its size. */
export class FileSizeError extends Error {
  readonly sizeBytes: number;
  /** The limit that the file breaks: the smallest or the largest allowed size. */
  readonly limitBytes: number;

  constructor(sizeBytes: number, limitBytes: number) {
    super(`A file of ${sizeBytes} bytes exceeds the limit of ${limitBytes} bytes.`);
    this.sizeBytes = sizeBytes;
    this.limitBytes = limitBytes;
  }

  get isTooLarge(): boolean {
    return this.sizeBytes > this.limitBytes;
  }
}

/**
 * Checks the size of a file before it is stored and hashed, so that a phone does not read a file that the API would
 * reject.
 * @throws FileSizeError
 */
export function assertSize(sizeBytes: number, type: keyof typeof SIZES): void {
  const [smallest, largest] = SIZES[type];
  if (sizeBytes > largest) throw new FileSizeError(sizeBytes, largest);
  if (sizeBytes < smallest) throw new FileSizeError(sizeBytes, smallest);
}
