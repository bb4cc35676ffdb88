import { ProblemError } from "@gotong/client";
import { NotKept } from "../data/acts.ts";
import { FileSizeError, MB } from "../data/file-size.ts";
import { codeOf } from "../data/session.ts";
import { NoPlace } from "../pages/work/position.ts";
import { duration, number, t, textOf } from "../texts/index.ts";
import { FieldErrors } from "./field-check.ts";

/** The message of an error and its remedy, in the reader's language. */
export function sentenceOf(error: unknown): string {
  if (error instanceof NotKept) return t("problem_NOT_KEPT");
  if (error instanceof NoPlace) return t("problem_NO_PLACE");
  if (error instanceof FileSizeError) return sizeSentence(error);
  if (error instanceof FieldErrors) return t("problem_VALIDATION_FAILED");
  const code = codeOf(error);
  const minutes = error instanceof ProblemError ? Math.ceil((error.retryAfterSeconds ?? 60) / 60) : 1;
  if (code === "RATE_LIMITED") return t("problem_RATE_LIMITED", { time: duration(minutes) });
  return textOf("problem", code, "problem_UNKNOWN");
}

/** States the limit and, for a file that is too large, its size rounded up to 0.1 MB. */
const sizeSentence = ({ isTooLarge, sizeBytes, limitBytes }: FileSizeError): string =>
  isTooLarge
    ? t("file_too_large", { size: number(Math.ceil((sizeBytes / MB) * 10) / 10), most: number(limitBytes / MB) })
    : t("file_too_small", { least: number(limitBytes / 1024) });

/** The error message of one field of a form; undefined if the field is valid. */
export function fieldError(error: unknown, field: string): string | undefined {
  if (error instanceof FieldErrors) {
    const code = error.codes[field];
    return code && t(`field_${code}`);
  }
  if (!(error instanceof ProblemError)) return undefined;
  if (field === "username" && error.code === "USERNAME_TAKEN") return t("problem_USERNAME_TAKEN");
  if (field === "email" && error.code === "EMAIL_TAKEN") return t("problem_EMAIL_TAKEN");
  const found = error.errors.find((one) => one.field === field || one.field.startsWith(`${field}.`));
  return found && textOf("field", found.code, "field_format");
}

export function Problem({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  if (error === undefined) return null;
  return (
    <div class="notice bad" role="alert">
      <p>{sentenceOf(error)}</p>
      {onRetry && (
        <button class="link" type="button" onClick={onRetry}>
          {t("try_again")}
        </button>
      )}
    </div>
  );
}
