import { afterAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { readDeployment } from "../../infra/deployment.ts";

const VARIABLE = "GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM";
const read = (moment: string) =>
  readDeployment({ MARKOV_API_URL: "https://markov.example.org", [VARIABLE]: moment }).webhookSecretActiveFrom;
afterAll(() => Config.use({}));

test.each([
  "2027-01-31T12:00:00Z",
  "2028-02-29T23:59:59.123Z",
  "2027-01-31T12:00:00+07:00",
  "2027-01-31T00:00:00.000000001-09:30",
])("the activation time %s of a webhook secret is passed to the senders, which parse it as the same time", (moment) => {
  expect(read(moment)).toBe(moment);
  Config.use({
    MARKOV_API_URL: "https://markov.example.org",
    GOTONG_ROYONG_WEBHOOK_SECRET: "0123456789abcdef".repeat(2),
    [VARIABLE]: moment,
  });
  expect(Config.section("webhook")[VARIABLE]).toEqual(new Date(moment));
});

test.each([
  "tomorrow",
  "2027-01-31",
  "2027-01-31T12:00:00",
  "2027-01-31 12:00:00Z",
  "2027-01-31T12:00Z",
  "2027-02-30T12:00:00Z",
  "2027-02-29T12:00:00Z",
  "2027-13-01T12:00:00Z",
  "2027-00-10T12:00:00Z",
  "2027-01-31T24:00:00Z",
  "2027-01-31T12:60:00Z",
  "2027-01-31T12:00:00+24:00",
  "2027-01-31T12:00:00Z\n",
])("the activation time %j of a webhook secret is rejected before anything is deployed", (moment) => {
  expect(() => read(moment)).toThrow(`${VARIABLE} must be an RFC 3339 timestamp`);
});

test("the activation time of a webhook secret is undefined without a rotation", () => {
  expect(read("")).toBeUndefined();
});
