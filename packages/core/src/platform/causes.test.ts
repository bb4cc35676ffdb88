import { expect, test } from "vitest";
import { causesOf } from "./causes.ts";

test("causesOf() lists an error and its causes, the outermost first, and stops after ten errors if the causes form a cycle", () => {
  const inner = new Error("inner");
  const outer = new Error("outer", { cause: new Error("middle", { cause: inner }) });
  expect(causesOf(outer).map(({ message }) => message)).toEqual(["outer", "middle", "inner"]);
  inner.cause = outer;
  expect(causesOf(outer)).toHaveLength(10);
  expect(causesOf("no error")).toEqual([]);
});
