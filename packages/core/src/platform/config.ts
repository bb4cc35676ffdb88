import { Resource } from "sst/resource";
import * as v from "valibot";
import { LAMBDA_QUEUES } from "./config-lambda.ts";
import { MEMBERSHIP } from "./config-membership.ts";
import { headerName, timestamp, oneLine, secret, stageName, url, wholeNumber, utcOffsets } from "./config-values.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** One or more missing or invalid settings. Names the variable and the rule, never the value. */
export class ConfigError extends Error {
  constructor(problems: readonly string[]) {
    super(problems.join("\n"));
    this.name = "ConfigError";
  }
}

const MFA_ROLES = ["admin", "verifier"] as const;
const mfaRoles = v.pipe(
  v.optional(v.string(), "admin"),
  v.transform((value) => (value === "none" ? [] : value.split(",").map((role) => role.trim()))),
  v.array(v.picklist(MFA_ROLES, `must be none, or a list of ${MFA_ROLES.join(", ")}`)),
  v.transform((roles): readonly ((typeof MFA_ROLES)[number] | "contributor")[] => roles),
);

/** Values from examples and documentation, which are no secrets. */
const WELL_KNOWN = /change[-_ ]?me|replace|example|default|secret-?key|minioadmin|^(.)\1+$|^(dev|test|local)[-_]/i;

const STORAGE_CAPABILITIES = ["versions", "tags"] as const;

/** Every variable by section; a process parses only the sections it uses. `.env.example` describes each variable. */
const SECTIONS = {
  service: v.object({
    STAGE: v.optional(stageName, "dev"),
    VERSION: v.optional(oneLine, "0.0.0-dev"),
    HOST: v.optional(oneLine, "0.0.0.0"),
    PORT: v.optional(wholeNumber(0, 65_535), "3000"),
    /** The port for health checks and Prometheus of long-running workers. */
    WORKERS_PORT: v.optional(wholeNumber(0, 65_535), "9464"),
  }),
  http: v.object({
    /**
     * The only header trusted for the client address, where a trusted proxy sets it; unset means the peer of the
     * connection.
     */
    CLIENT_ADDRESS_HEADER: v.optional(headerName),
    /** The only header read for the access token, where a trusted proxy uses `Authorization` itself. */
    AUTHORIZATION_HEADER: v.optional(headerName),
    /** Origins whose pages may call the API from a browser. */
    CORS_ORIGINS: v.pipe(
      v.optional(v.string(), ""),
      v.transform((value) => (value === "" ? [] : value.split(",").map((origin) => origin.trim()))),
      v.array(
        v.pipe(
          v.string(),
          v.check(
            (value) => URL.canParse(value) && new URL(value).origin === value,
            "must be a list of origins such as https://app.example.org, separated by commas",
          ),
        ),
      ),
    ),
    /** Time limits for receiving the headers of a request, and the whole request. */
    HTTP_HEADERS_SECONDS: v.optional(wholeNumber(1, 120), "10"),
    HTTP_REQUEST_SECONDS: v.optional(wholeNumber(1, 600), "30"),
    /**
     * Longer than the 60 s for which AWS load balancers keep idle connections: the load balancer must be the side that
     * closes.
     */
    HTTP_KEEP_ALIVE_SECONDS: v.optional(wholeNumber(1, 600), "65"),
    /**
     * Limits of connections for one process, in all and of one client address; the latter does not apply behind a
     * proxy.
     */
    HTTP_CONNECTIONS: v.optional(wholeNumber(10, 100_000), "1000"),
    HTTP_CONNECTIONS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000), "200"),
    RATE_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 100_000_000), "100"),
    RATE_LIMIT_OF_MEMBERS_PER_ADDRESS: v.optional(wholeNumber(1, 100_000_000), "2000"),
    UPLOAD_LIMIT_PER_HOUR: v.optional(wholeNumber(1, 100_000_000), "10"),
    /**
     * Requests of one client address that one process works on at a time; by default a quarter of `DATABASE_POOL_SIZE`,
     * at least two.
     */
    REQUESTS_AT_ONCE_PER_ADDRESS: v.optional(wholeNumber(1, 10_000)),
  }),
  database: v.object({
    DATABASE_URL: url("postgres:", "postgresql:"),
    DATABASE_POOL_SIZE: v.optional(wholeNumber(1, 200), "10"),
    /** Shorter than the idle time after which a cluster auto-pauses: an open session keeps it running. */
    DATABASE_IDLE_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 3600), "60"),
    /** An auto-paused cluster takes about 15 s to resume. */
    DATABASE_CONNECT_TIMEOUT_SECONDS: v.optional(wholeNumber(1, 120), "30"),
    /** `true` on stages whose database auto-pauses: a health check must not resume it. */
    DATABASE_SLEEPS: v.optional(v.picklist(["true", "false"], "must be true or false"), "false"),
  }),
  cache: v.object({ REDIS_URL: v.optional(url("redis:", "rediss:")) }),
  storage: v.object({
    AWS_REGION: v.optional(oneLine, "us-east-1"),
    S3_ENDPOINT: v.optional(url("http:", "https:")),
    /** The address of the storage for clients, where it differs from the address for this process. */
    S3_PUBLIC_ENDPOINT: v.optional(url("http:", "https:")),
    S3_BUCKET: oneLine,
    S3_ACCESS_KEY: v.optional(oneLine),
    S3_SECRET_KEY: v.optional(oneLine),
    /** Features of the storage beyond plain objects, separated by commas, or `none`. AWS has all of them. */
    S3_CAPABILITIES: v.pipe(
      v.optional(v.string(), STORAGE_CAPABILITIES.join(",")),
      v.transform((value) => (value === "none" ? [] : value.split(","))),
      v.array(v.picklist(STORAGE_CAPABILITIES, `must be none, or a list of ${STORAGE_CAPABILITIES.join(", ")}`)),
    ),
  }),
  examination: v.object({
    /** Files that one process examines at the same time, each in a child process. */
    EXAMINATIONS_AT_ONCE: v.optional(wholeNumber(1, 16), "1"),
    /** CPU time limit for one file; above it the file is refused. */
    EXAMINATION_CPU_SECONDS: v.optional(wholeNumber(1, 100), "10"),
    /** Memory limit for one file; above it the file is refused. 160 MB are for the program, the rest for a picture. */
    EXAMINATION_MEMORY_MB: v.optional(wholeNumber(256, 8192), "512"),
    /** UTC offsets of the members' zones: a picture's time without a zone is compared in them. Default: Indonesia. */
    COMMUNITY_UTC_OFFSETS: v.optional(utcOffsets, "+07:00,+08:00,+09:00"),
  }),
  queue: v.object({
    AWS_REGION: v.optional(oneLine, "us-east-1"),
    SQS_ENDPOINT: v.optional(url("http:", "https:")),
    DELIVERIES_QUEUE_URL: v.optional(url("http:", "https:")),
    OUTCOMES_QUEUE_URL: v.optional(url("http:", "https:")),
    ATTEMPTS_QUEUE_URL: v.optional(url("http:", "https:")),
    BREAKER_QUEUE_URL: v.optional(url("http:", "https:")),
    EVIDENCE_QUEUE_URL: v.optional(url("http:", "https:")),
    SWEEP_QUEUE_URL: v.optional(url("http:", "https:")),
    MAIL_QUEUE_URL: v.optional(url("http:", "https:")),
    DEAD_QUEUE_URL: v.optional(url("http:", "https:")),
    DEAD_DELIVERIES_QUEUE_URL: v.optional(url("http:", "https:")),
    ...LAMBDA_QUEUES,
    S3_ACCESS_KEY: v.optional(oneLine),
    S3_SECRET_KEY: v.optional(oneLine),
  }),
  webhook: v.object({
    MARKOV_API_URL: url("http:", "https:"),
    GOTONG_ROYONG_WEBHOOK_SECRET: secret,
    GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: v.optional(secret),
    /** RFC 3339. Before this time `X-GR-Signature` uses the previous secret, from then on the new one. */
    GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: v.optional(timestamp),
    /** The time limit of one attempt, from connecting to the end of the response (platform.md §4). */
    MARKOV_TIMEOUT_MS: v.optional(wholeNumber(1, 10_000), "10000"),
    /** Markov's rate limit for the whole stage (platform.md §1). */
    MARKOV_LIMIT_PER_MINUTE: v.optional(wholeNumber(1, 10_000_000), "1000"),
    /**
     * How many senders share that limit when they do not share a Redis: the concurrency of the Lambda, or the number of
     * pods.
     */
    DELIVERY_SENDERS: v.optional(wholeNumber(1, 1000), "1"),
  }),
  reputation: v.object({
    MARKOV_API_URL: url("http:", "https:"),
    MARKOV_API_TOKEN: secret,
    /** How many reputations one process reads from Markov at a time. */
    REPUTATION_READS_AT_ONCE: v.optional(wholeNumber(1, 1000), "10"),
    /**
     * After Markov did not answer, how long it is not asked again about a member, or at all while the circuit breaker
     * is open.
     */
    REPUTATION_RETRY_SECONDS: v.optional(wholeNumber(1, 300), "10"),
    /** The minimum reputation of a voucher, except admins and invited members: docs/domain.md, "Vouches". */
    VOUCH_MINIMUM_REPUTATION: v.optional(wholeNumber(0, 1_000_000), "25"),
  }),
  auth: v.object({
    JWT_KEY: secret,
    JWT_KEY_PREVIOUS: v.optional(secret),
    /** Failed logins from one client address on one account before that address is locked out of it. */
    LOGIN_LIMIT_PER_15_MINUTES: v.optional(wholeNumber(1, 1_000_000), "5"),
    /** Failed logins from one client address on all accounts; an IPv6 /56 may have twice, a /48 four times as many. */
    LOGIN_FAILURES_PER_ADDRESS: v.optional(wholeNumber(1, 1_000_000), "50"),
    /**
     * Consecutive failed logins on one account before it is locked until its password is reset. NIST SP 800-63B-4
     * §3.2.2: at most 100.
     */
    LOGIN_FAILURES_PER_ACCOUNT: v.optional(wholeNumber(10, 100), "100"),
    /**
     * Roles that count only in sessions with a second factor, separated by commas, or `none`. `npm run dev` requires
     * none.
     */
    MFA_REQUIRED_FOR: mfaRoles,
    /** The maximum age of a session, however often it is renewed. */
    SESSION_MAX_DAYS: v.optional(wholeNumber(1, 3650), "90"),
    PASSWORD_RESET_MINUTES: v.optional(wholeNumber(1, 1440), "60"),
  }),
  hashing: v.object({
    /** Passwords hashed at a time: fewer than the four threads of libuv, which compression, files and DNS share. */
    HASHING_CONCURRENCY: v.optional(wholeNumber(1, 3), "2"),
    /** Hashes that may wait, in all and of one client address (IPv6: of one /48); further ones are refused. */
    HASHING_QUEUE_LENGTH: v.optional(wholeNumber(1, 10_000), "100"),
    HASHING_QUEUE_PER_ADDRESS: v.optional(wholeNumber(1, 10_000), "25"),
  }),
  mail: v.pipe(
    v.object({
      AWS_REGION: v.optional(oneLine, "us-east-1"),
      /** The sender's address; mail goes out through SES. */
      MAIL_FROM: v.optional(oneLine),
      /** The directory where mail is written instead of being sent. */
      MAIL_DIR: v.optional(oneLine),
      /** Encrypts mail in the queue; without it the key of access tokens does, which the worker then must have. */
      MAIL_KEY: v.optional(secret),
      MAIL_KEY_PREVIOUS: v.optional(secret),
      JWT_KEY: v.optional(secret),
      JWT_KEY_PREVIOUS: v.optional(secret),
      /** The client's page that receives the token of a password reset after `#token=`. */
      PASSWORD_RESET_URL: v.optional(url("http:", "https:")),
      /** The same for e-mail verification and for invitations. */
      EMAIL_CHANGE_URL: v.optional(url("http:", "https:")),
      EMAIL_PROOF_URL: v.optional(url("http:", "https:")),
      INVITATION_URL: v.optional(url("http:", "https:")),
      SES_ENDPOINT: v.optional(url("http:", "https:")),
    }),
    v.forward(
      v.check(({ MAIL_KEY, JWT_KEY }) => (MAIL_KEY ?? JWT_KEY) !== undefined, "is not set"),
      ["MAIL_KEY"],
    ),
  ),
  membership: MEMBERSHIP,
  rules: v.object({
    /** How long a former username stays reserved. */
    USERNAME_FREE_AFTER_DAYS: v.optional(wholeNumber(0, 3650), "90"),
    VERIFICATION_QUORUM: v.optional(wholeNumber(1, 99), "3"),
    /** Reports that one member may make in 24 hours. */
    REPORT_LIMIT_PER_DAY: v.optional(wholeNumber(1, 1_000_000), "20"),
    /** Members that one member may block. */
    BLOCK_LIMIT: v.optional(wholeNumber(1, 100_000), "1000"),
    /** Pieces of evidence that the owner may add to a contribution. */
    EVIDENCE_LIMIT_OF_OWNER: v.optional(wholeNumber(1, 1000), "20"),
    /** Pieces that any other member may add to it. */
    EVIDENCE_LIMIT_OF_OTHERS: v.optional(wholeNumber(0, 1000), "5"),
    /** Pieces in all; the owner's share is reserved for the owner. */
    EVIDENCE_LIMIT_IN_ALL: v.optional(wholeNumber(1, 2000), "50"),
  }),
};

export type Section = keyof typeof SECTIONS;
type Settings<Name extends Section> = v.InferOutput<(typeof SECTIONS)[Name]>;

const SECRETS = [
  "GOTONG_ROYONG_WEBHOOK_SECRET",
  "GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS",
  "MARKOV_API_TOKEN",
  "JWT_KEY",
  "JWT_KEY_PREVIOUS",
  "MAIL_KEY",
  "MAIL_KEY_PREVIOUS",
];

let variables: Variables | undefined;
let parsed: { [Name in Section]?: Settings<Name> } = {};

/** Replaces the environment of the process with `source` (tests, the development stack). Clears parsed sections. */
export function use(source: Variables): void {
  variables = source;
  parsed = {};
}

/**
 * The settings of one section, parsed at first use.
 * @throws ConfigError that names each missing or invalid variable
 */
export function section<Name extends Section>(name: Name): Settings<Name> {
  const known = parsed[name];
  if (known !== undefined) return known;
  const { values, problems } = parse(name);
  if (problems.length > 0 || values === undefined) throw new ConfigError(problems);
  parsed = { ...parsed, [name]: values };
  return values;
}

/**
 * Parses all named sections, so that a process with an invalid setting fails at boot and not at its first request.
 * @throws ConfigError with every problem, one per line
 */
export function check(names: readonly Section[]): void {
  const problems = names.flatMap((name) => parse(name).problems);
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
}

function parse<Name extends Section>(name: Name): { values?: Settings<Name>; problems: string[] } {
  variables ??= { ...process.env, ...fromLinks() };
  const source = Object.fromEntries(
    Object.entries(variables).filter(([, value]) => value !== undefined && value !== ""),
  );
  const result = v.safeParse<(typeof SECTIONS)[Name]>(SECTIONS[name], source);
  const problems = (result.issues ?? []).map((issue) => {
    const [variable = name] = (v.getDotPath(issue) ?? name).split("."); // a problem of a list item concerns the whole variable
    return `${variable} ${source[variable] === undefined ? "is not set" : issue.message}`;
  });
  if (!result.success) return { problems };
  const stage = source["STAGE"] ?? "dev";
  if (stage !== "dev") problems.push(...weakSecrets(Object.keys(SECTIONS[name].entries), source));
  return { values: result.output, problems };
}

/** Outside of development, a secret copied from an example, or made of a few repeated characters, fails the boot. */
function weakSecrets(names: readonly string[], source: Variables): string[] {
  return names
    .filter((name) => SECRETS.includes(name))
    .filter((name) => {
      const value = source[name];
      return value !== undefined && (WELL_KNOWN.test(value) || new Set(value).size < 10);
    })
    .map(
      (name) =>
        `${name} is a well-known or guessable value: make a random one, for example with "openssl rand -hex 32"`,
    );
}

/** The whole environment of a child process: the library path, and no secrets. */
export function forPrograms(): Record<string, string> {
  const libraries = process.env["LD_LIBRARY_PATH"];
  return libraries === undefined ? {} : { LD_LIBRARY_PATH: libraries };
}

const text = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const LINKS = {
  database: v.object({ host: text, port: text, username: text, password: text, database: text }),
  cache: v.object({ host: text, port: text, username: v.optional(text), password: v.optional(text) }),
  url: v.object({ url: text }),
  name: v.object({ name: text }),
  value: v.object({ value: text }),
};

/** On Lambda, the resources that SST linked to the function, under the variable names used elsewhere. */
function fromLinks(): Variables {
  if (process.env["SST_RESOURCE_App"] === undefined && process.env["SST_KEY_FILE"] === undefined) return {};
  const database = link("Database", LINKS.database);
  const cache = link("Cache", LINKS.cache);
  const credentials = (of: { username?: string | undefined; password?: string | undefined }) =>
    of.password ? `${encodeURIComponent(of.username ?? "")}:${encodeURIComponent(of.password)}@` : "";
  return defined({
    DATABASE_URL:
      database &&
      `postgres://${credentials(database)}${database.host}:${database.port}/${database.database}${isLoopback(database.host) ? "" : "?sslmode=verify-full&sslrootcert=rds"}`,
    REDIS_URL:
      cache && `${isLoopback(cache.host) ? "redis" : "rediss"}://${credentials(cache)}${cache.host}:${cache.port}`,
    S3_BUCKET: link("EvidenceBucket", LINKS.name)?.name,
    DELIVERIES_QUEUE_URL: link("DeliveriesQueue", LINKS.url)?.url,
    OUTCOMES_QUEUE_URL: link("OutcomesQueue", LINKS.url)?.url,
    ATTEMPTS_QUEUE_URL: link("AttemptsQueue", LINKS.url)?.url,
    BREAKER_QUEUE_URL: link("BreakerQueue", LINKS.url)?.url,
    EVIDENCE_QUEUE_URL: link("EvidenceQueue", LINKS.url)?.url,
    SWEEP_QUEUE_URL: link("SweepQueue", LINKS.url)?.url,
    MAIL_QUEUE_URL: link("MailQueue", LINKS.url)?.url,
    DEAD_QUEUE_URL: link("DeadQueue", LINKS.url)?.url,
    DEAD_DELIVERIES_QUEUE_URL: link("DeadDeliveriesQueue", LINKS.url)?.url,
    GOTONG_ROYONG_WEBHOOK_SECRET: link("WebhookSecret", LINKS.value)?.value,
    GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: link("WebhookSecretPrevious", LINKS.value)?.value,
    GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: link("WebhookSecretActiveFrom", LINKS.value)?.value,
    MARKOV_API_TOKEN: link("MarkovToken", LINKS.value)?.value,
    JWT_KEY: link("JwtKey", LINKS.value)?.value,
    JWT_KEY_PREVIOUS: link("JwtKeyPrevious", LINKS.value)?.value,
    MAIL_KEY: link("MailKey", LINKS.value)?.value,
    MAIL_KEY_PREVIOUS: link("MailKeyPrevious", LINKS.value)?.value,
  });
}

/** Under `sst dev` a link can point to a server on the developer's machine, which has no certificate. */
const isLoopback = (host: string) => host === "localhost" || host === "127.0.0.1";

function link<T>(name: string, schema: v.GenericSchema<unknown, T>): T | undefined {
  let resource: unknown;
  try {
    resource = Reflect.get(Resource, name);
  } catch {
    return undefined; // SST throws for resources that are not linked to this function
  }
  const result = v.safeParse(schema, resource);
  if (!result.success) throw new ConfigError([`the link ${name} has an unexpected shape`]);
  return result.output;
}

function defined(source: Variables): Variables {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ""));
}

export * as Config from "./config.ts";
