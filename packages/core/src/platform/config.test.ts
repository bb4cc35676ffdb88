import { randomBytes } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Config, type Section } from "./config.ts";

const good = () => randomBytes(32).toString("hex");
const problems = (variables: Record<string, string>, sections: Section[] = ["webhook"]): string[] => {
  Config.use({ STAGE: "production", MARKOV_API_URL: "https://markov.example", ...variables });
  try {
    Config.check(sections);
    return [];
  } catch (error) {
    if (!(error instanceof Config.ConfigError)) throw error;
    return error.message.split("\n");
  }
};

afterEach(() => Config.use({}));

test("outside dev a short, repetitive or well-known secret fails the boot; the error names the variable, never the value", () => {
  const weak = [
    "short",
    "a".repeat(64),
    "ab".repeat(32),
    "change-me-change-me-change-me-change-me",
    "dev-only-secret-that-signs-webhooks-on-loopback",
    `replace-${good()}`,
  ];
  for (const secret of weak) {
    const [problem = ""] = problems({ GOTONG_ROYONG_WEBHOOK_SECRET: secret });
    expect(problem).toMatch(/^GOTONG_ROYONG_WEBHOOK_SECRET /);
    expect(problem).not.toContain(secret);
  }
  expect(problems({ GOTONG_ROYONG_WEBHOOK_SECRET: good() })).toEqual([]);
});

test("the stage dev accepts the built-in secrets, but no secret under 32 characters", () => {
  expect(
    problems({ STAGE: "dev", GOTONG_ROYONG_WEBHOOK_SECRET: "dev-only-secret-that-signs-webhooks-on-loopback" }),
  ).toEqual([]);
  expect(problems({ STAGE: "dev", GOTONG_ROYONG_WEBHOOK_SECRET: "x".repeat(31) })).toEqual([
    "GOTONG_ROYONG_WEBHOOK_SECRET must have at least 32 characters",
  ]);
});

test("configuration errors of all sections are reported at once, one per line", () => {
  expect(
    problems({ MARKOV_API_URL: "ftp://x", DATABASE_URL: "mysql://x", JWT_KEY: "" }, ["webhook", "database", "auth"]),
  ).toEqual([
    "MARKOV_API_URL must be a URL that starts with http:// or https://",
    "GOTONG_ROYONG_WEBHOOK_SECRET is not set",
    "DATABASE_URL must be a URL that starts with postgres:// or postgresql://",
    "JWT_KEY is not set",
  ]);
});

test("numbers out of range and unknown enum values are rejected with the variable's name", () => {
  expect(problems({ PORT: "70000" }, ["service"])).toEqual(["PORT must be a whole number from 0 to 65535"]);
  expect(problems({ S3_BUCKET: "b", S3_CAPABILITIES: "magic" }, ["storage"])).toEqual([
    "S3_CAPABILITIES must be none, or a list of versions, tags, lock",
  ]);
});

test("proofs use PROOF_KEY, or JWT_KEY when PROOF_KEY is missing; a guessable PROOF_KEY is rejected", () => {
  expect(problems({ PROOF_KEY: good() }, ["proof"])).toEqual([]);
  expect(problems({ JWT_KEY: good() }, ["proof"])).toEqual([]);
  expect(problems({}, ["proof"])).toEqual(["PROOF_KEY is not set"]);
  expect(problems({ PROOF_KEY: "dev-only-key-that-signs-proofs-on-loopback" }, ["proof"])).toEqual([
    expect.stringMatching(/^PROOF_KEY is a well-known/),
  ]);
});
