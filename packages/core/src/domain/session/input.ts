import * as v from "valibot";
import { Input } from "../../platform/input.ts";
import { PASSWORD_MAX_LENGTH } from "./password.ts";

/** A password that is held against the one that is kept: the rules for new ones do not matter here. */
export const GivenPassword = v.pipe(Input.string(), Input.minCharacters(1), Input.maxCharacters(PASSWORD_MAX_LENGTH));
