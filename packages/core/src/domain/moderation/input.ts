import * as v from "valibot";
import { HIDING_REASON_MAX_CHARACTERS } from "../../platform/bounds.ts";
import { Input } from "../../platform/input.ts";

/** Request body with the reason for hiding content, which the content's owner can read. */
export const Reason = v.strictObject({ reason: Input.text(1, HIDING_REASON_MAX_CHARACTERS) });

export * as ModerationInput from "./input.ts";
