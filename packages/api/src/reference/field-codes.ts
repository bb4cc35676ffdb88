import type { FieldCode } from "@gotong/core/platform/error.ts";

/** The meaning of each field error code. */
export const MEANING: Readonly<Record<FieldCode, string>> = {
  required: "The field is missing.",
  type: "The value has the wrong JSON type.",
  unknown_field: "The request has no such field or parameter.",
  too_short: "The string has too few characters.",
  too_long: "The string has too many characters, or the object too many bytes.",
  too_few: "The list has too few items.",
  too_many: "The list has too many items, or the object too many fields.",
  too_small: "The number is too small, or the time too early.",
  too_large: "The number is too large, or the time too late.",
  format: "The value has the wrong format.",
  characters: "The string has characters that are not allowed, or no visible ones.",
  not_allowed: "The value is not one of the allowed values.",
  duplicate: "The value or item is a duplicate.",
  unknown_reference: "The id refers to nothing that the caller may use.",
  mismatch: "The value contradicts another value.",
  guessable: "The password is easy to guess.",
};
