/** Something that keeps the stack from starting and that the person at the keyboard can mend: one line that says how. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "StartError";
  }
}
