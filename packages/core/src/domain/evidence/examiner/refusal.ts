/** A file refused for a stated reason. Any other error of a parser means that the file is damaged. */
export class Refusal extends Error {
  readonly code: string;

  /** @param detail for the member */
  constructor(code: string, detail: string) {
    super(detail);
    this.name = "Refusal";
    this.code = code;
  }
}

/** Without its key it cannot be looked at. @param name such as "document" */
export const encrypted = (name: string) =>
  new Refusal("ENCRYPTED", `The ${name} is encrypted. Save it without a password or copy protection.`);

/** More parts than any genuine file has: reading on would only take time and memory. */
export const tooComplex = () => new Refusal("METADATA_TOO_COMPLEX", "The file's metadata has too many parts.");
