import { randomUUID } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";
import { contributionOf, photograph } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const limit = (uploads: number) =>
  Config.use({ ...platform.variables, UPLOAD_LIMIT_PER_HOUR: String(uploads), RATE_LIMIT_PER_MINUTE: "1000000" });
afterEach(() => Config.use(platform.variables));

const ask = (member: Person, contributionId: string, body: object = photograph().declared, key?: string) =>
  member.post(`/v1/contributions/${contributionId}/uploads`, body, key === undefined ? {} : { "idempotency-key": key });
const limitHeaders = ({ headers }: Answer) => `${headers.get("ratelimit-policy")} ${headers.get("ratelimit")}`;
const statuses = (answers: readonly Answer[]) =>
  Object.fromEntries([...Map.groupBy(answers, ({ status }) => status)].map(([status, of]) => [status, of.length]));

test("rejected upload requests do not use up the quota: after 30 of them a member still gets all uploads of the hour", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(3);
  for (let tries = 0; tries < 10; tries += 1) {
    expect((await ask(member, contributionId, { ...photograph().declared, size_bytes: -1 })).status).toBe(400);
    expect((await ask(member, randomUUID())).status).toBe(404);
    expect((await ask(member, contributionId, {}, `refused-${tries}`)).status).toBe(400);
  }
  const granted = [];
  for (let tries = 0; tries < 4; tries += 1) granted.push(await ask(member, contributionId));
  expect(granted.map(({ status }) => status)).toEqual([201, 201, 201, 429]);
  expect(granted.map(limitHeaders)).toEqual([
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=2;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=1;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=0;t=3\d{3}$/),
    expect.stringMatching(/^"uploads";q=3;w=3600 "uploads";r=0;t=3\d{3}$/),
  ]);
  const [, , , refused] = granted;
  expect(Math.abs(Number(refused?.headers.get("retry-after")) - 3600)).toBeLessThan(100);
  expect(limitHeaders(await ask(member, randomUUID()))).toMatch(/"uploads";r=0;/);
});

test("of 50 concurrent upload requests exactly the ten of the quota succeed", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(10);
  const answers = await Promise.all(Array.from({ length: 50 }, () => ask(member, contributionId)));
  expect(statuses(answers)).toEqual({ 201: 10, 429: 40 });
  expect(problem(await ask(member, contributionId))).toBe("429 RATE_LIMITED");
});

test("of 50 concurrent upload requests with ten idempotency keys ten succeed, and a replay does not count", async () => {
  const member = await platform.person();
  const contributionId = await contributionOf(member);
  limit(11);
  // A different file for each key: a second upload of the same file is not counted (see grantedUpload).
  const files = new Map(Array.from({ length: 12 }, (): [string, object] => [randomUUID(), photograph().declared]));
  const send = (key = "") => ask(member, contributionId, files.get(key), key);
  const [eleventh, twelfth, ...keys] = files.keys();
  await Promise.all(keys.flatMap((key) => Array.from({ length: 5 }, () => send(key))));
  const replays = await Promise.all(keys.map(send));
  expect(statuses(replays)).toEqual({ 201: 10 });
  expect(replays.map(({ headers }) => headers.get("idempotency-replayed"))).toEqual(keys.map(() => "true"));
  expect([(await send(eleventh)).status, (await send(twelfth)).status]).toEqual([201, 429]);
});

test("each upload counts towards its member's quota for an hour", async () => {
  const [member, other] = [await platform.person(), await platform.person()];
  const contributionId = await contributionOf(member);
  limit(1);
  expect((await ask(member, contributionId)).status).toBe(201);
  const age = (minutes: number) =>
    platform.sql`update uploads set created_at = created_at - ${`${minutes} minutes`}::interval where user_id = ${member.id}`;
  await age(59);
  const early = await ask(member, contributionId);
  expect([early.status, Number(early.headers.get("retry-after")) <= 60]).toEqual([429, true]);
  expect((await ask(other, contributionId)).status).toBe(201);
  await age(2);
  expect((await ask(member, contributionId)).status).toBe(201);
});
