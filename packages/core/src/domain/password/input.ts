import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { PASSWORD_MAX_LENGTH, PASSWORD_MIN_LENGTH } from "./index.ts";

/** A password that is held against the one that is kept: the rules for new ones do not matter here. */
export const GivenPassword = v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(PASSWORD_MAX_LENGTH));

export const NewPassword = v.pipe(
  Input.string(),
  Input.minCharacters(PASSWORD_MIN_LENGTH),
  Input.maxCharacters(PASSWORD_MAX_LENGTH),
  Input.wellFormed,
);
