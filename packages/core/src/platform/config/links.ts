import { Resource } from "sst/resource";
import * as v from "valibot";
import { ConfigError } from "./error.ts";
import { type Variables, withoutUnset } from "./values.ts";

const text = v.pipe(v.union([v.string(), v.number()]), v.transform(String));
const LINKS = {
  database: v.object({
    host: text,
    port: text,
    username: text,
    password: text,
    database: text,
    reader: v.optional(text),
  }),
  cache: v.object({ host: text, port: text, username: v.optional(text), password: v.optional(text) }),
  url: v.object({ url: text }),
  name: v.object({ name: text }),
  value: v.object({ value: text }),
};

/** On Lambda, the resources that SST linked to the function, under the variable names that other processes use. */
export function fromLinks(): Variables {
  if (process.env["SST_RESOURCE_App"] === undefined && process.env["SST_KEY_FILE"] === undefined) return {};
  const database = link("Database", LINKS.database);
  const admin = link("DatabaseAdmin", LINKS.database);
  const cache = link("Cache", LINKS.cache);
  return withoutUnset({
    DATABASE_URL: database && databaseUrl(database),
    DATABASE_READER_URL: database?.reader ? databaseUrl({ ...database, host: database.reader }) : undefined,
    DATABASE_ADMIN_URL: admin && databaseUrl(admin),
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
    PROOF_KEY: link("ProofKey", LINKS.value)?.value,
    PUSH_KEY: link("PushKey", LINKS.value)?.value,
    MAIL_KEY: link("MailKey", LINKS.value)?.value,
    MAIL_KEY_PREVIOUS: link("MailKeyPrevious", LINKS.value)?.value,
  });
}

const credentials = (of: { username?: string | undefined; password?: string | undefined }) =>
  of.password ? `${encodeURIComponent(of.username ?? "")}:${encodeURIComponent(of.password)}@` : "";

const databaseUrl = ({ host, port, database, ...user }: v.InferOutput<typeof LINKS.database>) =>
  `postgres://${credentials(user)}${host}:${port}/${database}${isLoopback(host) ? "" : "?sslmode=verify-full&sslrootcert=rds"}`;

/** Under `sst dev` a link can point to a server on the developer's host, which has no certificate. */
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
