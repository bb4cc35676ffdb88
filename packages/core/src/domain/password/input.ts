import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./password.ts";

/** A password to compare with the stored one; the rules for new passwords do not apply. */
export const EnteredPassword = v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(PASSWORD_MAX_LENGTH));

export const NewPassword = v.pipe(
  Input.string(),
  Input.minCharacters(PASSWORD_MIN_LENGTH),
  Input.maxCharacters(PASSWORD_MAX_LENGTH),
  Input.wellFormed,
);
