import { expect, test } from "vitest";
import { figures } from "../../../packages/web/src/pages/work/figures.ts";

test.each([
  ["The picture was taken 5.6 km from another reading or picture.", "5,6 km", "5.6 km"],
  ["Another reading of this member implies a speed of 12500 km/h.", "12.500 km/j", "12,500 km/h"],
  ["The accuracy is 35 m.", "35 m", "35 m"],
  ["The pieces are 9 days apart.", "9 hari", "9 days"],
  ["3 of 12 match.", "3 · 12", "3 · 12"],
])("the figures of a finding are in the reader's language: %s", (detail, indonesian, english) => {
  expect(figures(detail, "id")).toBe(indonesian);
  expect(figures(detail, "en")).toBe(english);
});
