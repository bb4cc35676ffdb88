import * as v from "valibot";
import { Input } from "../../platform/input.ts";

/** Why content is hidden; its owner reads it. */
export const Reason = v.strictObject({ reason: Input.text(1, 500) });

export * as ModerationInput from "./input.ts";
