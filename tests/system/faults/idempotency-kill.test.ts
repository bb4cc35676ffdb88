import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, test } from "vitest";
import * as v from "valibot";
import { freshPassword, taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const started: ChildProcess[] = [];
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

/**
 * Starts an API process on the platform's database and queues.
 * @returns its base URL
 */
async function startApi(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "dying-api.ts")], {
    env: platform.variables,
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  started.push(child);
  const [port] = v.parse(v.tuple([v.number(), v.unknown()]), await once(child, "message"));
  return { child, url: `http://127.0.0.1:${port}` };
}

function createTask(url: string, member: Person, key: string, title: string, headers: Record<string, string> = {}) {
  return fetch(`${url}/v1/tasks`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${member.token}`,
      "content-type": "application/json",
      "idempotency-key": key,
      ...headers,
    },
    body: JSON.stringify(taskInput({ title, description: "d" })),
  });
}

const tasksCalled = async (title: string) =>
  (await platform.sql`select count(*)::int as n from tasks where title = ${title}`)[0]?.["n"];

test("when the API is killed between commit and response, a retry with the same key gets the first response and repeats no work", async () => {
  const member = await platform.person();
  const { url, child } = await startApi();
  const gone = once(child, "exit");
  await expect(createTask(url, member, "k1", "after", { "x-test-die-before-answer": "1" })).rejects.toThrow();
  expect((await gone)[1]).toBe("SIGKILL");
  expect(await tasksCalled("after")).toBe(1);

  const again = await startApi();
  const retry = await createTask(again.url, member, "k1", "after");
  expect([retry.status, retry.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
  const { id } = v.parse(v.object({ id: v.string() }), await retry.json());
  expect(await platform.sql`select id from tasks where title = 'after'`).toEqual([{ id }]);
});

test("two processes that get the same request with an idempotency key concurrently do its work once", async () => {
  const [one, other] = [await startApi(), await startApi()];
  for (const tag of ["a1", "b2", "c3", "d4", "e5"]) {
    const account = { username: `u-${tag}`, email: `m.${tag}@example.org`, password: freshPassword() };
    // Each process hashes the password before it locks the key. Hashing takes tens of milliseconds, so that both work
    // concurrently.
    const register = ({ url }: { url: string }) =>
      fetch(`${url}/v1/auth/register`, {
        method: "POST",
        headers: { "content-type": "application/json", "idempotency-key": tag },
        body: JSON.stringify(account),
      });
    const answers = await Promise.all([register(one), register(other)]);
    const done = answers.filter(({ status }) => status === 201);
    expect(done.filter(({ headers }) => headers.get("idempotency-replayed") === null)).toHaveLength(1);
    const waiting = answers.filter(({ status }) => status !== 201);
    for (const answer of waiting) expect(await answer.json()).toMatchObject({ code: "IDEMPOTENCY_KEY_IN_USE" });
    const again = await register(waiting.length > 0 ? other : one);
    expect([again.status, again.headers.get("idempotency-replayed")]).toEqual([201, "true"]);
    expect(await platform.sql`select 1 from users where email = ${account.email}`).toHaveLength(1);
  }
});

test("when the API is killed during the work, the idempotency key becomes free, and a retry does the work once", async () => {
  const member = await platform.person();
  // The insert waits for a lock of this test, so that the kill hits an open transaction.
  await platform.sql.unsafe(`
    create function stand_still() returns trigger language plpgsql as $$ begin
      if new.title = 'middle' then perform pg_advisory_xact_lock(4711); end if; return new; end $$;
    create trigger stand_still after insert on tasks for each row execute function stand_still();`);
  const [{ url, child }, other] = [await startApi(), await startApi()];
  const holder = await platform.sql.reserve();
  await holder`select pg_advisory_lock(4711)`;
  const first = createTask(url, member, "k2", "middle");
  first.catch(() => undefined);
  const isWorking = () =>
    platform.sql`select 1 from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`;
  expect(await until(isWorking, (rows) => rows.length === 1)).toHaveLength(1);

  const running = await createTask(other.url, member, "k2", "middle");
  expect([running.status, running.headers.get("retry-after")]).toEqual([409, "1"]);
  expect(await running.json()).toMatchObject({ code: "IDEMPOTENCY_KEY_IN_USE" });

  child.kill("SIGKILL");
  await expect(first).rejects.toThrow();
  await holder`select pg_advisory_unlock(4711)`;
  holder.release();
  // PostgreSQL notices the killed client only when the insert is finished, so the retry is repeated.
  let retry = await createTask(other.url, member, "k2", "middle");
  for (let tries = 0; retry.status === 409 && tries < 100; tries += 1) {
    await sleep(100);
    retry = await createTask(other.url, member, "k2", "middle");
  }
  expect([retry.status, retry.headers.get("idempotency-replayed")]).toEqual([201, null]);
  expect(await tasksCalled("middle")).toBe(1);
});
