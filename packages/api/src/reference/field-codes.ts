import type { FieldCode } from "@gotong/core/platform/error.ts";

/** What each code of a field means. */
export const MEANING: Readonly<Record<FieldCode, string>> = {
  required: "The field is missing.",
  type: "The value is of another JSON type.",
  unknown_field: "The request has no such field or parameter.",
  too_short: "The text has too few characters.",
  too_long: "The text has too many characters, or the object too many bytes.",
  too_few: "The list has too few items.",
  too_many: "The list has too many items, or the object too many fields.",
  too_small: "The number is too small, or the moment too early.",
  too_large: "The number is too large, or the moment too late.",
  format: "The value is not written as it must be.",
  characters: "The text has characters that are not allowed in it, or none that can be seen.",
  not_allowed: "The value is none of those that may be chosen.",
  duplicate: "The same thing is named twice.",
  unknown_reference: "The id names nothing that the caller may refer to.",
  mismatch: "The value contradicts another one.",
  guessable: "The password is easily guessed.",
};
