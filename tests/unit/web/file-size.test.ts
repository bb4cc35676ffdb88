import { expect, test } from "vitest";
import { FILE_RULES } from "@gotong/core/domain/evidence/file-rules.ts";
import { FileSizeError, SIZES, assertSize } from "../../../packages/web/src/data/file-size.ts";

test("the app has the API's limits of file sizes", () => {
  const limits = Object.entries(FILE_RULES).map(([type, { smallest, largest }]) => [type, [smallest, largest]]);
  expect(SIZES).toEqual(Object.fromEntries(limits));
});

test("the app accepts files of exactly the smallest and the largest size, and rejects files a byte beyond these limits", () => {
  const [smallest, largest] = SIZES["image/jpeg"];
  for (const size of [smallest, largest]) expect(() => assertSize(size, "image/jpeg")).not.toThrow();
  for (const size of [smallest - 1, largest + 1]) expect(() => assertSize(size, "image/jpeg")).toThrow(FileSizeError);
});
