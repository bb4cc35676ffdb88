import * as v from "valibot";
import { _addIssue as addIssue } from "valibot"; // the function with which valibot's own actions report issues
import { type FieldCode, FIELD_CODES, type FieldError } from "../error.ts";

/** Field codes of valibot's own actions and schemas. All others set their code with {@link rule} or {@link coded}. */
const CODE_OF: Readonly<Record<string, FieldCode>> = {
  string: "type",
  number: "type",
  boolean: "type",
  array: "type",
  record: "type",
  object: "type",
  strict_object: "type",
  picklist: "not_allowed",
  literal: "not_allowed",
  variant: "not_allowed",
  regex: "format",
  uuid: "format",
  integer: "format",
  rfc_email: "format",
  min_value: "too_small",
  max_value: "too_large",
};

const isFieldCode = (type: string): type is FieldCode => FIELD_CODES.some((code) => code === type);

/**
 * The field error code of a schema or an action: its own `code`, otherwise the code of its type.
 * @returns undefined if it has none; a test rejects such schemas
 */
export const codeOf = (item: { readonly type: string; readonly code?: unknown }): FieldCode | undefined => {
  if (typeof item.code === "string" && isFieldCode(item.code)) return item.code;
  return isFieldCode(item.type) ? item.type : CODE_OF[item.type];
};

type Action<T> = v.BaseValidation<T, T, v.BaseIssue<unknown>>;

/**
 * Gives a valibot action our own check and field error code. The action's part of the OpenAPI document does not change.
 * @param isRight called only with values of the type that the preceding schema accepts
 */
export function coded<T, A extends Action<T>>(
  code: FieldCode,
  action: A,
  isRight: (value: T) => boolean,
): A & { readonly code: FieldCode } {
  return {
    ...action,
    code,
    "~run": (dataset, config) => {
      if (dataset.typed && !isRight(dataset.value)) addIssue({ ...action, type: code }, "input", dataset, config);
      return dataset;
    },
  };
}

/** A rule that JSON Schema cannot express. `message` follows the field's name in errors, such as "must be a date that exists". */
export function rule<T>(
  code: FieldCode,
  isRight: (value: T) => boolean,
  message: string | ((issue: v.CheckIssue<T>) => string),
) {
  return coded<T, v.CheckAction<T, typeof message>>(code, v.check(isRight, message), isRight);
}

/**
 * Makes a schema reject a value before looking inside it, so that `isRight` alone limits the work and the number of errors.
 */
export function guarded<S extends v.GenericSchema>(
  schema: S,
  code: FieldCode,
  isRight: (value: unknown) => boolean,
  message?: string,
): S {
  return {
    ...schema,
    "~run": (dataset, config) => {
      if (isRight(dataset.value)) return schema["~run"](dataset, config);
      addIssue({ ...schema, type: code, ...(message === undefined ? {} : { message }) }, "input", dataset, config);
      return dataset;
    },
  };
}

type Issue = Pick<v.BaseIssue<unknown>, "kind" | "type" | "expected" | "received" | "message"> & {
  readonly path?: ReadonlyArray<PropertyKey | { readonly key: unknown }> | undefined;
};

/** The field error of one valibot issue: the field's path, a code of the closed list and a message. */
export function toFieldError(issue: Issue): FieldError {
  const field =
    (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".") || "body";
  const isSchema = issue.kind === "schema";
  if (isSchema && issue.type === "strict_object" && issue.expected === "never")
    return { field, code: "unknown_field", message: "is not a field of this request" };
  if (isSchema && issue.received === "undefined") return { field, code: "required", message: "is required" };
  const code = codeOf(issue) ?? "format";
  if (isSchema && issue.expected === "Object" && (code === "type" || issue.type === "variant"))
    return { field, code: "type", message: "must be an object" };
  return { field, code, message: issue.message };
}
