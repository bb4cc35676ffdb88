import { expect, test } from "vitest";
import { ERASED_TEXTS, ERASED_WORDS } from "./erased.ts";

test("every text that replaces a deleted member's text matches ERASED_WORDS, by which responses are searched for such texts", () => {
  for (const text of Object.values(ERASED_TEXTS)) expect(text).toMatch(ERASED_WORDS);
});
