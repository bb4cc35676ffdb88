import { sql } from "drizzle-orm";
import * as v from "valibot";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config, ConfigError, type Section } from "@gotong/core/platform/config.ts";
import { Db, appliedMigrations } from "@gotong/core/platform/db/index.ts";
import { assertNoConnectionInUse } from "@gotong/core/platform/db/scope.ts";
import { QUEUES, Queue } from "@gotong/core/platform/queue/index.ts";
import { Storage } from "@gotong/core/platform/storage/index.ts";
import { countBacklog } from "@gotong/core/webhook/index.ts";
import { MIGRATIONS } from "../folders.ts";
import { migrationFiles } from "../migrations/files.ts";
import type { Outcome } from "../outcome.ts";
import { type Finding, ok, problem, reportOf, warning } from "./finding.ts";

/** Sections of the settings that both API and workers read. */
const SECTIONS: readonly Section[] = [
  "service",
  "http",
  "database",
  "reader",
  "cache",
  "storage",
  "examination",
  "queue",
  "webhook",
  "reputation",
  "auth",
  "hashing",
  "mail",
  "membership",
  "rules",
];
const NODE_MAJOR = 24;
const POSTGRES_MAJOR = 16;
const LIMIT_MS = 10_000;
/**
 * Maximum difference between our clock and Markov's. Signed deliveries have a timestamp, which Markov compares with
 * its clock (platform.md §4); this is half of its tolerance.
 */
const CLOCK_MOST_SECONDS = 60;
/** Number of pending events above which the doctor warns: an hour of Markov's limit of 1,000 a minute. */
const MANY_EVENTS = 60_000;

/** Checks every service to which the settings of this process refer. Changes nothing. */
export async function examineHere(): Promise<Outcome> {
  const settings = examineSettings();
  const findings: Finding[] = [examineNode(), ...settings];
  // Skips services whose setting is missing or wrong, since the finding about that setting explains the problem.
  const names = settings.map(({ found }) => found).join("\n");
  if (!names.includes("DATABASE_URL")) findings.push(...(await examineDatabase()));
  findings.push(await reached("storage", "the bucket answers", "S3_ENDPOINT, S3_BUCKET and its keys", Storage.ping));
  for (const queue of QUEUES)
    findings.push(
      await reached(
        `queue ${queue}`,
        "answers",
        `${queue.toUpperCase()}_QUEUE_URL and SQS_ENDPOINT: \`gotong prepare\` waits for all queues`,
        () => Queue.get().ping(queue),
      ),
    );
  findings.push(await examineCache());
  if (!names.includes("MARKOV_API_URL"))
    findings.push(...(await examineMarkov(Config.section("webhook").MARKOV_API_URL)));
  return reportOf(findings);
}

function examineNode(): Finding {
  const { version } = process;
  return Number(version.slice(1).split(".")[0]) >= NODE_MAJOR
    ? ok("Node", version)
    : problem("Node", version, `install Node ${NODE_MAJOR} (.nvmrc), or run through npm, which brings it along`);
}

function examineSettings(): Finding[] {
  try {
    Config.check(SECTIONS);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.message.split("\n").map((line) => problem("settings", line, ".env.example describes each"));
  }
  const isDevelopment = Config.section("service").STAGE === "dev";
  return [
    isDevelopment
      ? warning(
          "settings",
          "all are there; their secrets may be those of an example, since STAGE is dev",
          "set STAGE to the stage's name where people depend on it: guessable secrets stop the start then",
        )
      : ok("settings", "all are there, and no secret is a guessable one"),
    Config.section("mail").MAIL_FROM === undefined
      ? warning("mail", "has no sender", "set MAIL_FROM: without it no member can prove an address or reset a password")
      : ok("mail", `comes from ${Config.section("mail").MAIL_FROM}`),
  ];
}

const Server = v.tuple([v.looseObject({ version: v.string(), seconds: v.number() })]);

async function examineDatabase(): Promise<Finding[]> {
  try {
    const asked = Date.now();
    const [server] = v.parse(
      Server,
      await Db.use().execute(
        sql`select current_setting('server_version') as version, extract(epoch from clock_timestamp())::float8 as seconds`,
      ),
    );
    const { version } = server;
    return [
      Number.parseInt(version, 10) >= POSTGRES_MAJOR
        ? ok("database", `PostgreSQL ${version} answers`)
        : problem("database", `PostgreSQL ${version}`, `upgrade it to ${POSTGRES_MAJOR} or newer`),
      clock("the database's clock", server.seconds * 1000 - (asked + Date.now()) / 2),
      ...(await examineSchema()),
    ];
  } catch (error) {
    return [problem("database", messageOf(error), "is it running, and does DATABASE_URL lead to it?")];
  }
}

async function examineSchema(): Promise<Finding[]> {
  const applied = await appliedMigrations();
  const files = [...(await migrationFiles(MIGRATIONS)).keys()];
  const pending = files.filter((name) => !applied.includes(name));
  const unknown = applied.filter((name) => !files.includes(name));
  if (unknown.length > 0)
    return [problem("migrations", `the database has ${unknown.join(", ")}, this code does not`, "run the newer code")];
  if (pending.length > 0) return [problem("migrations", `${pending.join(", ")} are missing`, "gotong migrate up")];
  const { pending: waiting, dead } = await countBacklog();
  return [
    ok("migrations", `all ${files.length} are applied`),
    waiting > MANY_EVENTS
      ? problem("outbox", `${waiting} events wait for delivery`, "docs/runbooks/queue-late.md: do the workers run?")
      : ok("outbox", `${waiting} events wait for delivery`),
    dead > 0
      ? problem("dead letters", `${dead} wait for a redrive`, "gotong dlq list, then docs/runbooks/dead-letters.md")
      : ok("dead letters", "none"),
  ];
}

async function examineCache(): Promise<Finding> {
  if (Config.section("cache").REDIS_URL === undefined)
    return warning(
      "cache",
      "there is none",
      "each process counts rate limits for itself: set REDIS_URL where more than one runs",
    );
  return reached("cache", "answers", "REDIS_URL: without it everything works, with limits by process", Cache.ping);
}

async function examineMarkov(url: string): Promise<Finding[]> {
  assertNoConnectionInUse("http");
  const asked = Date.now();
  try {
    const { status, headers } = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS), redirect: "manual" });
    const date = Date.parse(headers.get("date") ?? "");
    return [
      ok("Markov", `answers (${status} at its base address, which may be any)`),
      // Adds half a second, since the header `Date` contains only whole seconds: this is the mean difference.
      ...(Number.isNaN(date) ? [] : [clock("Markov's clock", date + 500 - (asked + Date.now()) / 2)]),
    ];
  } catch (error) {
    return [problem("Markov", messageOf(error), "does MARKOV_API_URL lead to it? Events wait three days, no longer")];
  }
}

function clock(about: string, aheadMs: number): Finding {
  const seconds = Math.round(aheadMs / 1000);
  return Math.abs(seconds) <= CLOCK_MOST_SECONDS
    ? ok(about, `within ${Math.abs(seconds) + 1} s of this machine's`)
    : problem(
        about,
        `${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this machine's`,
        "set the clocks by NTP: tokens, signatures and uploads expire by them",
      );
}

async function reached(about: string, found: string, todo: string, ping: () => Promise<unknown>): Promise<Finding> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer in ${LIMIT_MS / 1000} s`)), LIMIT_MS);
  try {
    await Promise.race([ping(), late.promise]);
    return ok(about, found);
  } catch (error) {
    return problem(about, messageOf(error), `look at ${todo}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Returns the message of the innermost error: an outer message such as "fetch failed" does not help an operator. */
function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? ` (${error.code})` : "";
  return error.cause instanceof Error ? messageOf(error.cause) : `${error.message || error.name}${code}`;
}
