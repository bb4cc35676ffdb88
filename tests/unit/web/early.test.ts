import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the hash that the app's first script sends is the hash of the body that it sends", () => {
  const source = readFileSync(join(import.meta.dirname, "../../../packages/web/src/early.ts"), "utf8");
  const body = /BODY = '(.+)'/.exec(source)?.[1] ?? "";
  expect(JSON.parse(body)).toEqual({ refresh_token: "" });
  expect(/BODY_SHA256 = "(\w+)"/.exec(source)?.[1]).toBe(createHash("sha256").update(body).digest("hex"));
});
