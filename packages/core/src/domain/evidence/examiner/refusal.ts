/**
 * Thrown for a file that is refused for a stated reason. Any other error of a parser means that the file is damaged.
 */
export class Refusal extends Error {
  readonly code: string;

  /** @param detail the explanation for the member */
  constructor(code: string, detail: string) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
  }
}

/**
 * The refusal of an encrypted file, which cannot be examined without its key.
 * @param name such as "document"
 */
export const encrypted = (name: string) =>
  new Refusal("ENCRYPTED", `The ${name} is encrypted. Save it without a password or copy protection.`);

/**
 * The refusal of a file with more metadata parts than any genuine file has: reading on would only take time and memory.
 */
export const tooComplex = () => new Refusal("METADATA_TOO_COMPLEX", "The file's metadata has too many parts.");
