import { expect, test } from "vitest";
import { Search } from "./search.ts";

test.each([
  ["Ibu Sari", "ibu:* & sari:*"],
  ["José", "jose:*"],
  ["c cr cro crow crow", "crow:*"],
  ["sari s budi", "sari:* & budi:*"],
  ["'a' & ! | (:*", "a:*"],
  ["…", ""],
])("Search.beginnings(%j) contains each beginning of a word once", (text, query) => {
  expect(Search.beginnings(text)).toBe(query);
});
