import { expect, test } from "vitest";
import { Config } from "../config.ts";
import { endpointOf } from "./sqs-client.ts";

test.each([
  [{}, "https://sqs.us-east-1.amazonaws.com/"],
  [{ AWS_REGION: "ap-southeast-3" }, "https://sqs.ap-southeast-3.amazonaws.com/"],
  [{ AWS_REGION: "ap-southeast-3", AWS_USE_DUALSTACK_ENDPOINT: "true" }, "https://sqs.ap-southeast-3.api.aws/"],
  [{ SQS_ENDPOINT: "http://127.0.0.1:3002", AWS_USE_DUALSTACK_ENDPOINT: "true" }, "http://127.0.0.1:3002"],
])("with the settings %j SQS is called at %s", (variables, endpoint) => {
  Config.use(variables);
  expect(endpointOf()).toBe(endpoint);
});
