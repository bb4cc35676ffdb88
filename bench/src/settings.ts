import { randomBytes } from "node:crypto";

const secret = () => randomBytes(32).toString("hex");

/** Settings of our programs: all features are enabled, and limits are above the rate of one load generator. */
export const SETTINGS = {
  STAGE: "dev",
  HOST: "127.0.0.1",
  JWT_KEY: secret(),
  GOTONG_ROYONG_WEBHOOK_SECRET: secret(),
  MARKOV_API_TOKEN: secret(),
  MARKOV_API_URL: "http://127.0.0.1:1",
  MARKOV_LIMIT_PER_MINUTE: "10000000",
  DATABASE_URL: "postgres://127.0.0.1:1/none",
  S3_CAPABILITIES: "none",
  RATE_LIMIT_PER_MINUTE: "100000000",
  TASK_LIMIT_PER_DAY: "1000000",
  ASSIGNMENT_LIMIT_PER_DAY: "1000000",
  CONTRIBUTION_LIMIT_PER_DAY: "1000000",
  EVIDENCE_LIMIT_PER_DAY: "1000000",
  AUDITED_READ_LIMIT_PER_DAY: "1000000",
  LOGINS_PER_MEMBER_PER_HOUR: "1000000",
  RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: "100000000",
  REGISTRATION_LIMIT_PER_DAY: "1000000",
  REQUESTS_AT_ONCE_PER_ADDRESS: "10000",
  EMAIL_PROOF_REQUIRED: "false",
  MFA_REQUIRED_FOR: "none",
} as const;
