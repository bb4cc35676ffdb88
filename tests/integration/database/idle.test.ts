import { setTimeout as sleep } from "node:timers/promises";
import postgres from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { contributionOf, photograph, put, until } from "../../harness/scenes.ts";

/**
 * Factor by which this test shortens delays: an hour takes 6 s, and the message of a sweep in 60 s arrives after 0.1 s.
 * The result is valid, since only messages cause work on the database; the platform has no timer for it. Long polls of
 * 20 s and the closing of idle connections (60 s as configured, 1 s here) are not shortened: long polls do not depend
 * on the hour, and idle connections matter only at its beginning.
 */
const FASTER = 600;
const HOUR_MS = 3_600_000 / FASTER;

const platform = usePlatform({ workers: true });
let admin: postgres.Sql;
let database = "";
const armed: number[] = [];
let isWaiting = 0;

beforeAll(async () => {
  const url = new URL(platform.variables["DATABASE_URL"] ?? "");
  database = url.pathname.slice(1);
  url.pathname = "/postgres"; // reading the statistics from another database does not count as activity
  admin = postgres(url.href, { max: 1 });
  // Autovacuum is off, since its accesses to the database would be counted as the platform's.
  await admin`alter system set autovacuum = off`;
  await admin`select pg_reload_conf()`;
  Config.use({ ...platform.variables, DATABASE_IDLE_TIMEOUT_SECONDS: "1" });
  const real = Queue.get();
  Queue.use({
    ...real,
    send: async (queue, { delaySeconds = 0, ...message }) => {
      if (delaySeconds === 0) return real.send(queue, message);
      armed.push(delaySeconds);
      isWaiting += 1;
      setTimeout(
        () => {
          isWaiting -= 1;
          void real.send(queue, message);
        },
        (delaySeconds * 1000) / FASTER,
      );
    },
  });
});
afterAll(async () => {
  await admin`alter system reset autovacuum`;
  await admin`select pg_reload_conf()`;
  await admin.end();
});

const connections = async () =>
  (await admin`select pid, state, query from pg_stat_activity where datname = ${database}`).map((row) => row["query"]);

/** Database statistics: they count a transaction for every statement, even outside `begin`, and a session for every connection ever opened. */
async function counted() {
  const [row] =
    await admin`select xact_commit, xact_rollback, sessions, tup_fetched from pg_stat_database where datname = ${database}`;
  return { ...row };
}

test("after activity, the platform opens no connection and runs no statement for an hour, so the database can auto-pause", async () => {
  platform.markov.misbehave({ count: 1, status: 503 });
  const member = await platform.person();
  const contribution = await contributionOf(member);
  const photo = photograph();
  const ticket = await member.post(`/v1/contributions/${contribution}/uploads`, photo.declared);
  await put(ticket, photo.bytes);
  const submitted = await member.post(`/v1/contributions/${contribution}/evidence`, {
    evidence_type: "photo_with_timestamp",
    proof: { timestamp: photo.timestamp, media_hash: photo.declared.sha256 },
    upload_id: ticket.json["upload_id"],
  });
  expect(submitted.status).toBe(202);
  expect(
    await until(
      () => platform.markov.ledger.events.length,
      (n) => n === 2,
    ),
  ).toBe(2);
  const quiet = await until(
    async () => ({ open: await connections(), isWaiting }),
    ({ open, isWaiting: left }) => open.length === 0 && left === 0,
  );
  expect(quiet).toEqual({ open: [], isWaiting: 0 });
  expect(armed.length).toBeGreaterThan(0); // sweeps were armed and have arrived, and no further sweep is armed
  const before = await counted();
  expect(Number(before["sessions"])).toBeGreaterThan(0);

  const seen: unknown[] = [];
  for (let minute = 0; minute < 60; minute += 1) {
    await sleep(HOUR_MS / 60);
    seen.push(...(await connections()));
  }
  expect(seen).toEqual([]);
  expect(await counted()).toEqual(before);

  // The next contribution resumes the database.
  await contributionOf(member);
  expect(
    await until(
      () => platform.markov.ledger.events.length,
      (n) => n === 3,
    ),
  ).toBe(3);
  expect(Number((await until(counted, (now) => now["sessions"] !== before["sessions"]))["sessions"])).toBeGreaterThan(
    Number(before["sessions"]),
  );
});
