import { Characters } from "./characters.ts";

/**
 * The closed catalogue of errors that callers can get: HTTP status and title (RFC 9457) by code. Codes are part of the contract: never rename
 * a code, never send a code that is not listed here.
 */
export const CATALOGUE = {
  MALFORMED_REQUEST: { status: 400, title: "The request is not valid HTTP" },
  MALFORMED_JSON: { status: 400, title: "The body is not valid JSON" },
  VALIDATION_FAILED: { status: 400, title: "Validation failed" },
  UNAUTHENTICATED: { status: 401, title: "A valid access token is required" },
  INVALID_CREDENTIALS: { status: 401, title: "E-mail or password is wrong" },
  INVALID_REFRESH_TOKEN: { status: 401, title: "The refresh token is not valid" },
  ACCOUNT_LOCKED: { status: 403, title: "The account is locked until its password is reset" },
  MFA_REQUIRED: { status: 403, title: "A second factor is required" },
  INVALID_MFA_CODE: { status: 403, title: "The code of the second factor is wrong" },
  WRONG_PASSWORD: { status: 403, title: "The password is wrong" },
  FORBIDDEN: { status: 403, title: "Not allowed" },
  EMAIL_NOT_VERIFIED: { status: 403, title: "The e-mail address is not verified" },
  INVITATION_REQUIRED: { status: 403, title: "Registration requires an invitation" },
  NOT_FOUND: { status: 404, title: "Not found" },
  METHOD_NOT_ALLOWED: { status: 405, title: "Method not allowed" },
  NOT_ACCEPTABLE: { status: 406, title: "No acceptable representation" },
  REQUEST_TIMEOUT: { status: 408, title: "The request did not arrive in time" },
  MFA_ALREADY_ENABLED: { status: 409, title: "A second factor is already enabled" },
  USERNAME_TAKEN: { status: 409, title: "The username is taken" },
  EMAIL_TAKEN: { status: 409, title: "The e-mail address is taken" },
  TASK_NOT_OPEN: { status: 409, title: "The task is not open" },
  INVALID_TASK_STATE: { status: 409, title: "The task's state does not allow this" },
  SKILL_EXISTS: { status: 409, title: "A skill with this name already exists" },
  ALREADY_VOUCHED: { status: 409, title: "You have already given this vouch" },
  ALREADY_VERIFIED: { status: 409, title: "You have already voted" },
  VERIFICATION_CLOSED: { status: 409, title: "The contribution is already decided" },
  INVALID_EVIDENCE_STATE: { status: 409, title: "The evidence's state does not allow this" },
  EVIDENCE_CHANGED: { status: 409, title: "The evidence has changed since you saw it" },
  EVIDENCE_LIMIT_REACHED: { status: 409, title: "The evidence limit of this contribution is reached" },
  UPLOAD_ALREADY_USED: { status: 409, title: "The upload is already used as evidence" },
  DUPLICATE_FILE: { status: 409, title: "The file is already evidence of another contribution" },
  ALREADY_REPORTED: { status: 409, title: "You have already reported this" },
  ALREADY_RESOLVED: { status: 409, title: "The report is already resolved" },
  CONTENT_HIDDEN: { status: 409, title: "The content is hidden by an admin" },
  INVITATION_CLOSED: { status: 409, title: "The invitation was already used" },
  IDEMPOTENCY_KEY_IN_USE: { status: 409, title: "A request with this idempotency key is still running" },
  PAYLOAD_TOO_LARGE: { status: 413, title: "The body is too large" },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, title: "Unsupported media type" },
  EXPECTATION_FAILED: { status: 417, title: "The expectation is not supported" },
  RULE_VIOLATED: { status: 422, title: "The request violates a domain rule" },
  IDEMPOTENCY_KEY_REUSED: { status: 422, title: "The idempotency key was used for a different request" },
  UPLOAD_MISSING: { status: 422, title: "No file was uploaded" },
  UPLOAD_MISMATCH: { status: 422, title: "The uploaded file differs from its declaration" },
  REPUTATION_TOO_LOW: { status: 422, title: "Your reputation is too low" },
  INVALID_RESET_TOKEN: { status: 422, title: "The reset token is invalid or expired" },
  INVALID_EMAIL_PROOF: { status: 422, title: "The verification token is invalid or expired" },
  INVALID_INVITATION: { status: 422, title: "The invitation is invalid or expired" },
  LAST_ADMIN: { status: 422, title: "The last admin cannot be removed" },
  RATE_LIMITED: { status: 429, title: "Too many requests; see Retry-After" },
  HEADERS_TOO_LARGE: { status: 431, title: "The headers are too large" },
  INTERNAL: { status: 500, title: "Internal server error" },
  UNAVAILABLE: { status: 503, title: "A required dependency is unavailable" },
} as const satisfies Record<string, { status: number; title: string }>;

export type Code = keyof typeof CATALOGUE;

/**
 * The closed list of field errors: `errors[].code`. docs/api.md explains each. Part of the contract, like the codes of the catalogue.
 */
export const FIELD_CODES = [
  "required",
  "type",
  "unknown_field",
  "too_short",
  "too_long",
  "too_few",
  "too_many",
  "too_small",
  "too_large",
  "format",
  "characters",
  "not_allowed",
  "duplicate",
  "unknown_reference",
  "mismatch",
  "guessable",
] as const;

export type FieldCode = (typeof FIELD_CODES)[number];

/** Next steps for errors that waiting does not solve: a closed list of actions for the caller, sent in addition to `code`. */
export const NEXT_STEPS = {
  ACCOUNT_LOCKED: "reset_password",
  EMAIL_NOT_VERIFIED: "prove_email",
  INVALID_EMAIL_PROOF: "ask_for_new_mail",
  INVALID_RESET_TOKEN: "ask_for_new_mail",
  INVITATION_REQUIRED: "ask_for_invitation",
  INVALID_INVITATION: "ask_for_invitation",
  REPUTATION_TOO_LOW: "earn_reputation",
} as const satisfies Partial<Record<Code, string>>;

/** An error of one field: its path (`proof.location.lat`), the code of the violated rule, and a message in plain English. */
export interface FieldError {
  readonly field: string;
  readonly code: FieldCode;
  readonly message: string;
}

interface Options {
  /** Explanation for callers. Never contains internals, personal data or secrets. */
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly retryAfterSeconds?: number;
  /** The underlying error, for logs only. */
  readonly cause?: unknown;
}

/** Maximum number of field errors in one response: a body of a megabyte must not produce a response of several. */
export const ERRORS_MAX = 20;
/** Length at which a field's name is cut: the name of an unknown field may be as long as the body. */
export const FIELD_MAX_CHARACTERS = 200;

/** The only error that operations throw deliberately. */
export class AppError extends Error {
  readonly code: Code;
  readonly detail: string;
  /** The first field errors, up to {@link ERRORS_MAX}. */
  readonly errors: readonly FieldError[];
  /** Whether there were more field errors than `errors` contains. */
  readonly areErrorsTruncated: boolean;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: Code, options: Options = {}) {
    super(`${code}: ${options.detail ?? CATALOGUE[code].title}`, { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.detail = options.detail ?? CATALOGUE[code].title;
    this.errors = (options.errors ?? []).slice(0, ERRORS_MAX).map(bounded);
    this.areErrorsTruncated = (options.errors ?? []).length > ERRORS_MAX;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  /** The next step for the caller; undefined when the caller can only retry. */
  get nextStep(): string | undefined {
    const steps: Partial<Record<Code, string>> = NEXT_STEPS;
    return steps[this.code];
  }

  get status(): (typeof CATALOGUE)[Code]["status"] {
    return CATALOGUE[this.code].status;
  }
}

/** Cuts input that is repeated to the caller, without splitting a character. */
const bounded = ({ field, ...error }: FieldError): FieldError => ({
  field: shown(field),
  ...error,
});
const shown = (field: string) =>
  Characters.isAtMost(field, FIELD_MAX_CHARACTERS) ? field : `${Characters.cut(field, FIELD_MAX_CHARACTERS - 1)}…`;

/** Creates an error about several fields of the input. */
export function invalidFields(errors: readonly FieldError[]): AppError {
  const [first] = errors;
  return new AppError("VALIDATION_FAILED", {
    ...(first ? { detail: `${shown(first.field)}: ${first.message}` } : {}),
    errors,
  });
}

/** Creates an error about one field of the input. */
export function invalidField(field: string, code: FieldCode, message: string): AppError {
  return invalidFields([{ field, code, message }]);
}
