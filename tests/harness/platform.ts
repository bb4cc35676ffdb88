import { randomBytes } from "node:crypto";
import { afterAll, beforeAll } from "vitest";
import postgres from "postgres";
import { createApp } from "@gotong/api/app.ts";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { resetAll } from "@gotong/core/platform/reset.ts";
import { type Role } from "@gotong/core/platform/actor.ts";
import { Password } from "@gotong/core/domain/password/index.ts";
import { User } from "@gotong/core/domain/user/index.ts";
import { type Aws, BUCKET, CREDENTIALS, startAws } from "@gotong/local/aws.ts";
import { type Markov, startMarkov } from "@gotong/local/markov/server.ts";
import { startWorkers } from "@gotong/workers/workers.ts";
import { freshDatabase } from "./database.ts";
import { assertDocumented } from "./documented.ts";
import { freshPassword } from "./factories.ts";
import { LOOSE_LIMITS } from "./limits.ts";

const secret = () => randomBytes(32).toString("hex");
export const SECRETS = { JWT_KEY: secret(), GOTONG_ROYONG_WEBHOOK_SECRET: secret(), MARKOV_API_TOKEN: secret() };

/** Cost of password hashes in tests: at full cost, each takes 30 ms of CPU time. Processes started by tests use the full cost. */
const CHEAP_HASHES = { memory: 64, passes: 1 };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The body is untyped, since tests read responses like an independent client: by field name, and with an assertion
  // for each value.
  readonly json: Json;
}
type Json = { readonly [field: string]: Json } & { readonly [index: number]: Json } & {
  readonly valueOf: () => unknown;
};

interface Init {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly address?: string;
}

export interface Person {
  readonly id: string;
  readonly email: string;
  readonly password: string;
  readonly token: string;
  readonly refreshToken: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a request with any other method. */
  send(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** The whole platform for one test file: its own database, real S3 and SQS protocols, a double of Markov, and recorded log lines. */
export class Platform {
  aws!: Aws;
  markov!: Markov;
  sql!: postgres.Sql;
  variables: Record<string, string> = {};
  readonly logs: string[] = [];
  #app!: ReturnType<typeof createApp>;
  #stopWorkers: (() => Promise<void>) | undefined;
  #restoreLog: (() => void) | undefined;

  async start(options: { workers: boolean }): Promise<void> {
    this.#restoreLog = Log.to((line) => void this.logs.push(line));
    this.aws = await startAws({ port: 0 });
    this.markov = await startMarkov({
      port: 0,
      secrets: [SECRETS.GOTONG_ROYONG_WEBHOOK_SECRET],
      token: SECRETS.MARKOV_API_TOKEN,
    });
    const databaseUrl = await freshDatabase();
    this.sql = postgres(databaseUrl, { max: 2 });
    this.variables = {
      ...SECRETS,
      STAGE: "test",
      ...LOOSE_LIMITS,
      DATABASE_URL: databaseUrl,
      S3_ENDPOINT: this.aws.endpoint,
      S3_BUCKET: BUCKET,
      S3_ACCESS_KEY: CREDENTIALS.accessKey,
      S3_SECRET_KEY: CREDENTIALS.secretKey,
      S3_CAPABILITIES: "none",
      SQS_ENDPOINT: this.aws.endpoint,
      ...this.aws.queueVariables,
      MARKOV_API_URL: this.markov.url,
      MARKOV_LIMIT_PER_MINUTE: "100000",
    };
    Config.use(this.variables);
    resetAll();
    Password.useCost(CHEAP_HASHES);
    this.#app = createApp();
    if (options.workers) this.#stopWorkers = startWorkers();
  }

  async stop(): Promise<void> {
    await this.#stopWorkers?.();
    await Db.close();
    await Cache.close();
    await this.sql.end();
    await this.markov.stop();
    await this.aws.stop();
    this.#restoreLog?.();
  }

  async request(method: string, path: string, init: Init = {}): Promise<Answer> {
    const response = await this.raw(method, path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, json: text.startsWith("{") ? JSON.parse(text) : {} };
  }

  /** Sends a request. @returns the raw response, after it was validated against its schema */
  async raw(method: string, path: string, init: Init = {}): Promise<Response> {
    // The environment that the server passes with a request. The address is loopback by default.
    const env = { incoming: { socket: { remoteAddress: init.address ?? "127.0.0.1" } } };
    const options = {
      method,
      headers: {
        ...(init.body === undefined ? {} : { "content-type": "application/json" }),
        ...(init.token === undefined ? {} : { authorization: `Bearer ${init.token}` }),
        ...init.headers,
      },
      ...(init.body === undefined
        ? {}
        : { body: typeof init.body === "string" ? init.body : JSON.stringify(init.body) }),
    };
    const response = await this.#app.request(path, options, env);
    await assertDocumented(method, path, response);
    return response;
  }

  /** Registers a new member with a random name and signs them in. */
  async person(roles: readonly Role[] = []): Promise<Person> {
    const tag = randomBytes(6).toString("hex");
    const account = {
      username: `u-${tag}`,
      email: `m.${tag}@example.org`,
      password: freshPassword(),
    };
    const reply = await this.request("POST", "/v1/auth/register", { body: account });
    if (reply.status !== 201) throw new Error(`register answered ${reply.status} ${JSON.stringify(reply.json)}`);
    const id = String(reply.json["user"]?.["id"]);
    if (roles.length > 0) await User.setRoles(id, roles);
    const token = String(reply.json["access_token"]);
    return {
      id,
      email: account.email,
      password: account.password,
      token,
      refreshToken: String(reply.json["refresh_token"]),
      get: (path, headers) => this.request("GET", path, { token, ...(headers ? { headers } : {}) }),
      post: (path, body, headers) => this.request("POST", path, { token, body, ...(headers ? { headers } : {}) }),
      send: (method, path, body) => this.request(method, path, { token, body }),
    };
  }
}

/** Starts a platform before the tests of a file and stops it after them. */
export function usePlatform(options: { workers: boolean }): Platform {
  const platform = new Platform();
  beforeAll(() => platform.start(options));
  afterAll(() => platform.stop());
  return platform;
}
