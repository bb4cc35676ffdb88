import { afterEach, expect, test } from "vitest";
import type { Member } from "../../platform/actor.ts";
import { Config } from "../../platform/config.ts";
import { assertProven } from "./proven.ts";

afterEach(() => Config.use({}));

const member = (hasProvenEmail?: boolean): Member => ({
  type: "member",
  userId: "u",
  username: "u",
  roles: [],
  ...(hasProvenEmail === undefined ? {} : { hasProvenEmail }),
});
const act = (required: "true" | "false", hasProvenEmail?: boolean) => () => {
  Config.use({ EMAIL_PROOF_REQUIRED: required });
  assertProven(member(hasProvenEmail));
};

test("a member without a verified e-mail address may not act, unless the stage does not require verification", () => {
  expect(act("true", false)).toThrow(expect.objectContaining({ code: "EMAIL_NOT_VERIFIED" }));
  expect(act("true")).toThrow(expect.objectContaining({ code: "EMAIL_NOT_VERIFIED" }));
  expect(act("true", true)).not.toThrow();
  expect(act("false", false)).not.toThrow();
});
