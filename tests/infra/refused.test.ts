import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { readDeployment } from "../../infra/deployment.ts";
import { evaluateEach } from "../../infra/evaluate/each.ts";
import { ROOT } from "../../infra/evaluate/evaluations.ts";
import { ensurePlatform } from "../../infra/evaluate/platform.ts";
import { VARIABLES, misspelt } from "../../infra/variables.ts";

/** Quotas of a new AWS account: 10 concurrent Lambda executions, 5 elastic IP addresses, 5 VPCs. */
const NEW_ACCOUNT = { "MOCK_QUOTA_L-B99A9384": "10", "MOCK_QUOTA_L-0263D0A3": "5", "MOCK_QUOTA_L-F678F1CE": "5" };

type Variables = Readonly<Record<string, string>>;
const newcomers: readonly (readonly [stage: string, variables: Variables])[] = [
  ["production", { GOTONG_SIZE: "small" }],
  ["production", { GOTONG_SIZE: "medium" }],
  ["production", { GOTONG_SIZE: "large" }],
  ["tenant-bandung", {}],
  ["staging", {}],
  ["dev", {}],
  ["pr-1", {}],
  ["wulan", {}],
];
/** Settings that a newcomer could get wrong, and a part of the error message. */
const mistakes: readonly (readonly [stage: string, variables: Variables, words: string])[] = [
  ["tenant-a-name-that-is-far-too-long", {}, "a DNS label of at most 20 characters"],
  ["tenant-Bandung", {}, "a DNS label of at most 20 characters"],
  ["prod", {}, "did you mean production?"],
  ["tenant-bandung", { GOTONG_ALARM_EMAIL: "" }, "GOTONG_ALARM_EMAIL is missing"],
  ["tenant-bandung", { GOTONG_ALARM_EMAIL: "operator" }, "GOTONG_ALARM_EMAIL must be an e-mail address"],
  ["tenant-bandung", { MARKOV_API_URL: "" }, "MARKOV_API_URL must be an https:// URL"],
  ["tenant-bandung", { MARKOV_API_URL: "http://markov.example.org" }, "MARKOV_API_URL must be an https:// URL"],
  ["tenant-bandung", { MOCK_MARKOV_IPV6: "" }, "has no IPv6 address"],
  ["staging", { MOCK_MARKOV_IPV4: "" }, "has no IPv4 address"],
  ["tenant-bandung", { AWS_REGION: "jakarta" }, 'AWS_REGION is "jakarta", which is no region of AWS'],
  ["tenant-bandung", { AWS_REGION: "ap-southeast3" }, 'AWS_REGION is "ap-southeast3", which is no region of AWS'],
  ["tenant-bandung", { AWS_REGION: "cn-north-1" }, "in a partition of AWS"],
  ["tenant-bandung", { GOTONG_BACKUP_REGION: "singapore" }, "GOTONG_BACKUP_REGION must be another region of AWS"],
  ["tenant-bandung", { AWS_REGION: "us-east-1", GOTONG_BACKUP_REGION: "us-east-1" }, "must be another region of AWS"],
  ["staging", { GOTONG_BACKUP_REGION: "us-west-2" }, "GOTONG_BACKUP_REGION is for production and tenants"],
  ["tenant-bandung", { GOTONG_ALARM_MAIL: "o@example.org" }, "did you mean GOTONG_ALARM_EMAIL?"],
  ["production", { GOTONG_SIZE: "tiny" }, "GOTONG_SIZE must be small, medium or large"],
  ["tenant-bandung", { GOTONG_DOMAIN: "https://api.example.org" }, "GOTONG_DOMAIN must be a host name"],
  ["tenant-bandung", { SST_SECRET_MarkovToken: "short" }, "MarkovToken has fewer than 32 characters"],
  ["tenant-bandung", { SST_SECRET_JwtKey: "" }, "JwtKey is not set: npx sst secret set JwtKey"],
  ["tenant-bandung", { SST_SECRET_WebhookSecret: "a".repeat(40) }, "WebhookSecret is a well-known or guessable value"],
  ["pr-1", { MOCK_NO_GUESTS: "1" }, "cannot be read: deploy dev first"],
];

interface Refusal {
  readonly stage: string;
  readonly variables: Variables;
  readonly isDev?: boolean;
}
const key = ({ stage, variables, isDev = false }: Refusal) => JSON.stringify([stage, variables, isDev]);

/** The error message of each deployment, by {@link key}; absent if the deployment was accepted. */
let messages: ReadonlyMap<string, string>;
beforeAll(async () => {
  await ensurePlatform(ROOT);
  const cases: Refusal[] = [
    { stage: "production", variables: {}, isDev: true },
    ...newcomers.map(([stage, variables]) => ({ stage, variables: { ...NEW_ACCOUNT, ...variables } })),
    ...mistakes.map(([stage, variables]) => ({ stage, variables })),
  ];
  const found = evaluateEach(cases.map(({ stage, variables, isDev = false }) => ({ stage, variables, isDev })));
  messages = new Map(
    cases.map((one, index) => {
      const attempt = found[index];
      return [key(one), attempt !== undefined && "refusal" in attempt ? attempt.refusal : ""];
    }),
  );
}, 900_000);
const messageOf = (one: Refusal) => messages.get(key(one)) ?? "";

test("sst dev is rejected for a stage that serves people", () => {
  expect(messageOf({ stage: "production", variables: {}, isDev: true })).toContain("sst dev is not for the stage");
});

test.for([
  ["GOTONG_MAIL_FROM", "no-address", "must be an e-mail address"],
  ["GOTONG_PASSWORD_RESET_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_PROOF_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_EMAIL_CHANGE_URL", "http://app.example.org", "must be an https:// URL"],
  ["GOTONG_REGISTRATION", "closed", "must be open or invitation"],
  ["GOTONG_OPEN_TASKS", "yes", "must be true or false"],
  ["GOTONG_COMMUNITY_UTC_OFFSETS", "Jakarta", "must be UTC offsets such as +07:00,+08:00"],
  ["GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM", "tomorrow", "must be an RFC 3339 timestamp"],
] as const)("an invalid deployment setting is rejected by name: %s", ([variable, value, problem]) => {
  expect(() => readDeployment({ MARKOV_API_URL: "https://markov.example.org", [variable]: value })).toThrow(
    `${variable} ${problem}`,
  );
});

test.each(newcomers)(
  "a newcomer's deployment of %s with %j is rejected before its first resource",
  (stage, variables) => {
    const message = messageOf({ stage, variables: { ...NEW_ACCOUNT, ...variables } });
    expect(message).toContain("after 0 resources of AWS");
    expect(message).toContain(`The stage "${stage}" does not fit into this account and region`);
    expect(message).toMatch(/--service-code lambda --quota-code L-B99A9384 --desired-value 1000/);
  },
);

test.each(mistakes)("deploying %s with %j is rejected before its first resource", (stage, variables, words) => {
  const message = messageOf({ stage, variables });
  expect(message).toContain(words);
  expect(message).toContain("after 0 resources of AWS");
});

test("the list of deployment settings equals those that the configuration reads, and docs/deploy.md or docs/eks.md describes each", () => {
  const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
  const code = ["infra/stage-name.ts", "infra/deployment.ts"].map(read).join("\n");
  const inCode = new Set(code.match(/GOTONG_[A-Z_]+[A-Z]/g));
  // The names of these settings are composed from a list in the code, so the search does not find them.
  for (const page of ["PASSWORD_RESET", "EMAIL_PROOF", "EMAIL_CHANGE", "INVITATION"]) inCode.add(`GOTONG_${page}_URL`);
  const settings = [...inCode].filter((name) => !name.startsWith("GOTONG_ROYONG_")).toSorted();
  expect([...VARIABLES]).toEqual(settings);
  const docs = read("docs/deploy.md") + read("docs/eks.md");
  expect(VARIABLES.filter((name) => !new RegExp(`\`${name}[\`=]`).test(docs))).toEqual([]);
  expect(misspelt({ GOTONG_SIZE: "small", GOTONG_ROYONG_WEBHOOK_SECRET: "x", AWS_REGION: "ap-southeast-3" })).toEqual(
    [],
  );
});
