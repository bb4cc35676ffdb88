import { Cache } from "./cache/index.ts";
import { Config } from "./config.ts";
import { lazy } from "./lazy.ts";
import { Queue } from "./queue/index.ts";
import { onReset } from "./reset.ts";
import { Storage } from "./storage/index.ts";
import type { CheckResult, Checks } from "./health-schema.ts";

const CHECK_LIMIT_MS = 2_000;
const SHARED_FOR_MS = 5_000;

const shared = new Map<boolean, { readonly at: number; readonly checks: Promise<Checks> }>();
onReset(() => shared.clear());

/**
 * Checks each dependency, for at most 2 s each. The results are shared for 5 s, so that health checks cannot cause load.
 * @param deep also checks a database that auto-pauses, which resumes it
 */
export function checks(deep: boolean): Promise<Checks> {
  const now = Date.now();
  const known = shared.get(deep);
  if (known && now - known.at < SHARED_FOR_MS) return known.checks;
  const asked = { at: now, checks: ask(deep) };
  shared.set(deep, asked);
  return asked.checks;
}

/** Whether no enabled dependency fails. */
export function isHealthy(results: Checks): boolean {
  return Object.values(results).every((result) => result !== "error");
}

/**
 * Whether this process can serve requests. Ignores Redis: everything works without it, and losing it must not remove all servers from a load
 * balancer at once.
 */
export function isReady({ redis: _notNeeded, ...needed }: Checks): boolean {
  return Object.values(needed).every((result) => result !== "error");
}

async function ask(deep: boolean): Promise<Checks> {
  const disabled = Promise.resolve<CheckResult>("disabled");
  const autoPauses = Config.section("database").DATABASE_AUTO_PAUSES === "true";
  const [database, redis, s3, queue] = await Promise.all([
    autoPauses && !deep ? disabled : check(probeDatabase),
    Config.section("cache").REDIS_URL ? check(Cache.ping) : disabled,
    check(Storage.ping),
    check(async () => Queue.get().ping("sweep")),
  ]);
  return { database, redis, s3, queue };
}

const database = lazy(() => import("./db/probe.ts"));

async function probeDatabase(): Promise<void> {
  const { probe } = await database();
  await probe(CHECK_LIMIT_MS);
}

async function check(ping: () => Promise<unknown>): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<"error">((resolve) => {
    timer = setTimeout(() => resolve("error"), CHECK_LIMIT_MS);
  });
  try {
    return await Promise.race([ping().then(() => "ok" as const), limit]);
  } catch {
    return "error";
  } finally {
    clearTimeout(timer);
  }
}

export * as Health from "./health.ts";
