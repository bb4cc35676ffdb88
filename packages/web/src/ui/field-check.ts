type Code = "required" | "too_long";

/** Thrown for values that the API would reject, before they are sent or kept without a network. */
export class FieldErrors extends Error {
  /** The error code of each wrong field. */
  readonly codes: Readonly<Record<string, Code>>;

  constructor(codes: FieldErrors["codes"]) {
    super("Some fields are wrong.");
    this.codes = codes;
  }
}

/** The number of characters as the API counts them: code points, so that an emoji is not two. */
export const charactersIn = (text: string): number => Array.from(text.trim()).length;

/**
 * Checks the fields of a form. `maxlength` would cut a pasted text silently, so the limit is in `data-most`.
 * @throws FieldErrors
 */
export function assertFields(form: HTMLFormElement): void {
  const codes: Record<string, Code> = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || field.name === "") continue;
    const most = field.dataset["most"];
    if (field.required && field.value.trim() === "") codes[field.name] = "required";
    else if (most !== undefined && charactersIn(field.value) > Number(most)) codes[field.name] = "too_long";
  }
  if (Object.keys(codes).length > 0) throw new FieldErrors(codes);
}
