import { expect, test } from "vitest";
import * as v from "valibot";
import { Input } from "../input.ts";

const MARKS = "\u0327\u0301"; // normalising puts them in order
const codes = (schema: v.GenericSchema<unknown, string>, value: string) => {
  const { issues = [] } = v.safeParse(schema, value);
  return issues.map((issue) => Input.codeOf(issue));
};

test.each([
  ["a text", Input.text(1, 5_000)],
  ["a name", Input.name(1, 200)],
])(
  "%s with a long row of combining marks is refused before it is normalised, in time that does not grow with it",
  (_name, schema) => {
    // Normalising this takes minutes.
    const refused = codes(schema, `a${MARKS.repeat(240_000)}`);
    expect(refused).toEqual(["too_long", "characters"]);
    expect(codes(schema, `a${MARKS.repeat(16)}`)).toEqual(["characters"]);
  },
);

test("a text may have 30 combining marks in a row, and is as long as it is once normalised", () => {
  const schema = Input.text(1, 40);
  expect(v.parse(schema, `a${MARKS.repeat(15)}`)).toHaveLength(30);
  const decomposed = "ệ".repeat(40).normalize("NFD");
  expect([decomposed.length, v.parse(schema, decomposed)]).toEqual([120, "ệ".repeat(40)]);
  expect(codes(schema, "ệ".repeat(41).normalize("NFD"))).toEqual(["too_long"]);
});
