import type postgres from "postgres";
import { Config } from "../config.ts";

const IDLE_SECONDS = 60;
let client: Promise<postgres.Sql> | undefined;

/**
 * Checks that the database answers, on a separate connection: a busy pool must not take a server out of the load balancer, which would make
 * the remaining servers busier.
 * @param timeoutMs time after which the database counts as down; the next health check then opens a new connection
 * @throws Error when the database does not answer
 */
export async function probe(timeoutMs: number): Promise<void> {
  client ??= connect(timeoutMs);
  const asked = client;
  const timer = Promise.withResolvers<never>();
  const timeout = setTimeout(() => timer.reject(new Error("the database does not answer in time")), timeoutMs);
  try {
    await Promise.race([asked.then((sql) => sql`select 1`), timer.promise]);
  } catch (error) {
    if (client === asked) client = undefined;
    asked.then((sql) => sql.end({ timeout: 0 })).catch(() => undefined);
    throw error;
  } finally {
    clearTimeout(timeout);
  }
}

async function connect(timeoutMs: number): Promise<postgres.Sql> {
  const { default: connectTo } = await import("postgres");
  const { databaseTarget } = await import("./tls.ts");
  const { url, options } = await databaseTarget(Config.section("database").DATABASE_URL);
  return connectTo(url, {
    ...options,
    max: 1,
    idle_timeout: IDLE_SECONDS,
    connect_timeout: Math.ceil(timeoutMs / 1000),
    fetch_types: false,
    onnotice: () => undefined,
    connection: { application_name: "gotong-royong probe", statement_timeout: timeoutMs },
  });
}

/** Closes the connection; the next health check opens a new one. */
export async function closeProbe(): Promise<void> {
  const closing = client;
  client = undefined;
  await (await closing)?.end({ timeout: 1 });
}
