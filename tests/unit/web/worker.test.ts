import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { API_PATHS } from "@gotong/api/http/app-hosting.ts";

test("the service worker has the same list of API paths as the servers and CloudFront", () => {
  const worker = readFileSync(join(import.meta.dirname, "../../../packages/web/sw/worker.ts"), "utf8");
  expect(worker).toContain(`const SERVER = /${API_PATHS}/;`);
});
