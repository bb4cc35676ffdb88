import { expect, test } from "vitest";
import { causesOf } from "./causes.ts";

test("causesOf() lists an error and its causes from the outside in, and stops at ten in a cycle of causes", () => {
  const inner = new Error("inner");
  const outer = new Error("outer", { cause: new Error("middle", { cause: inner }) });
  expect(causesOf(outer).map(({ message }) => message)).toEqual(["outer", "middle", "inner"]);
  inner.cause = outer;
  expect(causesOf(outer)).toHaveLength(10);
  expect(causesOf("no error")).toEqual([]);
});
