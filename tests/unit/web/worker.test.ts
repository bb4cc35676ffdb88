import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { API_PATHS } from "@gotong/api/http/app-hosting.ts";

test("the service worker leaves the same paths to the API as servers and CloudFront do", () => {
  const worker = readFileSync(join(import.meta.dirname, "../../../packages/web/sw/worker.ts"), "utf8");
  expect(worker).toContain(`const SERVER = /${API_PATHS}/;`);
});
