import { beforeEach, expect, test, vi } from "vitest";

/** The SST links of the function. Like SST's own object, it throws for a resource that is not linked. */
const linked = vi.hoisted((): Record<string, unknown> => ({}));
vi.mock("sst/resource", () => ({
  Resource: new Proxy(linked, {
    get(links, name) {
      if (!Reflect.has(links, name)) throw new Error(`"${String(name)}" is not linked`);
      return Reflect.get(links, name);
    },
  }),
}));

/** Loads the module as a new function instance does. */
async function config(links: Record<string, unknown>) {
  for (const name of Object.keys(linked)) Reflect.deleteProperty(linked, name);
  Object.assign(linked, links);
  vi.resetModules();
  const { Config } = await import("../config.ts");
  return Config;
}

beforeEach(() => {
  vi.stubEnv("SST_RESOURCE_App", "{}");
  return () => vi.unstubAllEnvs();
});

const DATABASE = { host: "writer", port: 5432, username: "gotong", password: "p@ss/word", database: "gotong_royong" };

test("linked SST resources are read as the settings that other processes read from variables", async () => {
  const Config = await config({
    Database: DATABASE,
    Cache: { host: "cache", port: 6379, username: "", password: "s:cret" },
    EvidenceBucket: { name: "evidence" },
  });
  expect(Config.section("database").DATABASE_URL).toBe(
    "postgres://gotong:p%40ss%2Fword@writer:5432/gotong_royong?sslmode=verify-full&sslrootcert=rds",
  );
  expect(Config.section("cache").REDIS_URL).toBe("rediss://:s%3Acret@cache:6379");
  expect(Config.section("storage").S3_BUCKET).toBe("evidence");
});

test("linked webhook secrets include the previous secret and the activation time", async () => {
  const Config = await config({
    WebhookSecret: { value: "0123456789abcdef0123456789abcdef" },
    WebhookSecretPrevious: { value: "abcdef0123456789abcdef0123456789" },
    WebhookSecretActiveFrom: { value: "2027-01-31T12:00:00+07:00" },
  });
  vi.stubEnv("MARKOV_API_URL", "https://markov.example.org");
  expect(Config.section("webhook")).toMatchObject({
    GOTONG_ROYONG_WEBHOOK_SECRET: "0123456789abcdef0123456789abcdef",
    GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: "abcdef0123456789abcdef0123456789",
    GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: new Date("2027-01-31T05:00:00Z"),
  });
});

test("a linked cache without a password gets a URL without one; a setting without a linked resource is not set", async () => {
  const Config = await config({ Cache: { host: "cache", port: "6379" } });
  expect(Config.section("cache").REDIS_URL).toBe("rediss://cache:6379");
  expect(() => Config.section("database")).toThrow("DATABASE_URL is not set");
});

test("resources that sst dev links to localhost are used without TLS", async () => {
  const Config = await config({
    Database: { ...DATABASE, host: "localhost", port: 3003 },
    Cache: { host: "localhost", port: 6379, username: "default", password: "" },
  });
  expect(Config.section("database").DATABASE_URL).toBe("postgres://gotong:p%40ss%2Fword@localhost:3003/gotong_royong");
  expect(Config.section("cache").REDIS_URL).toBe("redis://localhost:6379");
});

test("a link with an unexpected shape fails the boot, and the error names the link", async () => {
  const Config = await config({ Database: DATABASE, JwtKey: { worth: "0123456789abcdef0123456789abcdef" } });
  expect(() => Config.section("database")).toThrow("the link JwtKey has an unexpected shape");
});

test("without SST links only environment variables are read", async () => {
  vi.stubEnv("SST_RESOURCE_App", undefined);
  const Config = await config({ Cache: { host: "cache", port: "6379" } });
  expect(Config.section("cache").REDIS_URL).toBeUndefined();
});
