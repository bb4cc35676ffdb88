import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withWayOut } from "@gotong/ops/way-out.ts";

const MAIN = join(import.meta.dirname, "..", "..", "..", "packages", "ops", "src", "main.ts");

test("without a region or credentials the command line says what to set, and not what the SDK calls it alone", () => {
  const environment = { PATH: process.env["PATH"], HOME: "/nonexistent", AWS_EC2_METADATA_DISABLED: "true" };
  const said = (variables: Record<string, string>) => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, "doctor", "--aws", "--stage", "wulan"], {
      env: { ...environment, ...variables },
      encoding: "utf8",
    });
    return { status, stderr };
  };
  expect(said({})).toMatchObject({ status: 1, stderr: expect.stringContaining("set AWS_REGION") });
  expect(said({ AWS_REGION: "us-east-1" })).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("set AWS_PROFILE"),
  });
});

test("an expired session is signed in again, and other messages stay as they are", () => {
  expect(withWayOut("The security token included in the request is expired")).toContain("`aws sso login`");
  expect(withWayOut("there is no function x")).toBe("there is no function x");
});
