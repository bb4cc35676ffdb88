import { expect, test } from "vitest";
import * as v from "valibot";
import { Input } from "../input.ts";

const MARKS = "\u0327\u0301"; // two marks that normalisation puts into the opposite order
const codes = (schema: v.GenericSchema<unknown, string>, value: string) => {
  const { issues = [] } = v.safeParse(schema, value);
  return issues.map((issue) => Input.codeOf(issue));
};

test.each([
  ["a text", Input.text(1, 5_000)],
  ["a name", Input.name(1, 200)],
])("%s with a long run of combining marks is rejected before normalisation, in constant time", (_name, schema) => {
  // Normalising this input would take minutes.
  const refused = codes(schema, `a${MARKS.repeat(240_000)}`);
  expect(refused).toEqual(["too_long", "characters"]);
  expect(codes(schema, `a${MARKS.repeat(16)}`)).toEqual(["characters"]);
});

test("Input.text accepts 30 combining marks in a row, and measures the length after normalisation", () => {
  const schema = Input.text(1, 40);
  expect(v.parse(schema, `a${MARKS.repeat(15)}`)).toHaveLength(30);
  const decomposed = "ệ".repeat(40).normalize("NFD");
  expect([decomposed.length, v.parse(schema, decomposed)]).toEqual([120, "ệ".repeat(40)]);
  expect(codes(schema, "ệ".repeat(41).normalize("NFD"))).toEqual(["too_long"]);
});
