import { expect, test } from "vitest";
import { withRemedy } from "@gotong/ops/remedy.ts";

// Messages of the AWS SDK 3.1164.0, as printed by `gotong doctor --aws --stage wulan`.
test.each([
  ["Region is missing", "set AWS_REGION"],
  ["Could not load credentials from any providers", "set AWS_PROFILE"],
  ["The security token included in the request is expired", "`aws sso login`"],
])('the AWS SDK\'s message "%s" is printed with its remedy', (message, remedy) => {
  expect(withRemedy(message)).toMatch(new RegExp(`^${message}: .*${remedy}`));
});

test("error messages without a known remedy are printed unchanged", () => {
  expect(withRemedy("there is no function x")).toBe("there is no function x");
});
