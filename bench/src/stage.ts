import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { migrate } from "@gotong/core/platform/db/index.ts";
import { BUCKET, CREDENTIALS, queueVariables, startAws } from "@gotong/local/aws.ts";
import { freePort } from "@gotong/local/ports.ts";
import { startPostgres } from "@gotong/local/postgres.ts";
import { buildImage, programOf } from "../../scripts/build-image.ts";
import { fill } from "./data.ts";
import { Program } from "./program.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const secret = () => randomBytes(32).toString("hex");

/** Every server of a comparison works on the one PostgreSQL of a stage, with the same tables and rows. */
export interface Stage {
  readonly dir: string;
  readonly databaseUrl: string;
  readonly sql: postgres.Sql;
  /** Settings of our programs: everything is on, and limits are so wide that one load generator does not meet them. */
  readonly variables: Readonly<Record<string, string>>;
  /** Starts our API as the container image runs it. @param own settings that differ */
  api(name: string, own?: Readonly<Record<string, string>>): Promise<Program>;
  /** Starts a program of this folder. */
  program(name: string, file: string, env?: Readonly<Record<string, string>>): Promise<Program>;
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL (without fsync: a shared disk is the noisiest part of a machine), fills it, and starts the emulator of S3 and SQS.
 * @param tasks rows in the table of tasks
 */
export async function openStage(tasks: number): Promise<Stage> {
  const dir = mkdtempSync(join(tmpdir(), "gotong-bench-"));
  const server = await startPostgres({ dataDir: join(dir, "postgres"), port: 0, durable: false });
  await migrate(server.url, join(ROOT, "migrations"));
  const sql = postgres(server.url, { max: 2, onnotice: () => undefined });
  await fill(sql, tasks);
  const aws = await startAws({ port: 0 });
  await buildImage("api", join(dir, "api"));
  const programs: Program[] = [];
  const variables = {
    STAGE: "dev",
    HOST: "127.0.0.1",
    JWT_KEY: secret(),
    GOTONG_ROYONG_WEBHOOK_SECRET: secret(),
    MARKOV_API_TOKEN: secret(),
    MARKOV_API_URL: "http://127.0.0.1:1",
    MARKOV_LIMIT_PER_MINUTE: "10000000",
    DATABASE_URL: server.url,
    S3_ENDPOINT: aws.endpoint,
    S3_BUCKET: BUCKET,
    S3_ACCESS_KEY: CREDENTIALS.accessKey,
    S3_SECRET_KEY: CREDENTIALS.secretKey,
    S3_CAPABILITIES: "none",
    SQS_ENDPOINT: aws.endpoint,
    ...queueVariables(aws.endpoint),
    RATE_LIMIT_PER_MINUTE: "100000000",
    TASK_LIMIT_PER_DAY: "1000000",
    ASSIGNMENT_LIMIT_PER_DAY: "1000000",
    CONTRIBUTION_LIMIT_PER_DAY: "1000000",
    EVIDENCE_LIMIT_PER_DAY: "1000000",
    RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: "100000000",
    REGISTRATION_LIMIT_PER_DAY: "1000000",
    REQUESTS_AT_ONCE_PER_ADDRESS: "10000",
    EMAIL_PROOF_REQUIRED: "false",
    MFA_REQUIRED_FOR: "none",
  };
  const start = async (name: string, file: string, env: Readonly<Record<string, string>>, path?: string) => {
    const port = await freePort();
    const program = await Program.start({
      name,
      file,
      env: { ...env, PORT: String(port) },
      port,
      ...(path === undefined ? {} : { path }),
      logFile: join(dir, `${name.replaceAll(/\W+/g, "-")}.log`),
    });
    programs.push(program);
    return program;
  };
  return {
    dir,
    databaseUrl: server.url,
    sql,
    variables,
    api: (name, own = {}) =>
      start(name, join(dir, "api", programOf("api")), { ...variables, MALLOC_ARENA_MAX: "1", ...own }, "/live"),
    program: (name, file, env = {}) =>
      start(name, join(import.meta.dirname, file), { DATABASE_URL: server.url, ...env }),
    stop: async () => {
      await Promise.all(programs.map((program) => program.stop()));
      await sql.end();
      await aws.stop();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
