import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { Reputation } from "@gotong/core/domain/reputation/index.ts";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { type Answer, type Person, usePlatform } from "../../harness/platform.ts";
import { problem } from "../../harness/problem.ts";

const platform = usePlatform({ workers: false });
const [HERE, THERE] = ["192.0.2.1", "192.0.2.2"];
const WAITING = 100;

let members: Person[];
beforeAll(async () => {
  members = [await platform.person(), await platform.person(), await platform.person()];
});
afterAll(() => Http.use(undefined));

/** Releases all blocked reads from Markov. */
let letGo: () => void;
let reads = 0;
beforeEach(async () => {
  Reputation.reset();
  await Cache.close();
  const end = Promise.withResolvers<void>();
  letGo = () => end.resolve();
  reads = 0;
  Http.use(async () => {
    reads += 1;
    await end.promise;
    throw new Error("timeout");
  });
});

const ask = (path: string, address: string): Promise<Answer> =>
  platform.request("GET", path, { token: members[0]?.token ?? "", address });
const slow = (n: number, address: string) => ask(`/v1/users/${members[n]?.id}/reputation`, address);

test("by default two requests of a client address run at a time and a third waits; another address does not wait", async () => {
  const { REQUESTS_AT_ONCE_PER_ADDRESS: _loose, ...defaults } = platform.variables;
  Config.use(defaults);
  const answered: string[] = [];
  const note = (name: string, answer: Promise<Answer>) =>
    answer.then(({ status }) => answered.push(`${name} ${status}`));
  const working = [note("slow", slow(0, HERE)), note("slow", slow(1, HERE))];
  await expect.poll(() => reads).toBe(2);
  working.push(note("waits", ask("/v1/me", HERE)));
  await note("another", ask("/v1/me", THERE));
  for (const path of ["/live", "/ready"]) await note(path, ask(path, HERE));
  expect(answered).toEqual(["another 200", "/live 200", "/ready 200"]);
  letGo();
  await Promise.all(working);
  expect(answered.slice(3).toSorted()).toEqual(["slow 200", "slow 200", "waits 200"]);
});

test("a client address may use a quarter of the database pool at a time; a finished request lets a waiting one begin", async () => {
  const { REQUESTS_AT_ONCE_PER_ADDRESS: _loose, ...defaults } = platform.variables;
  Config.use({ ...defaults, DATABASE_POOL_SIZE: "12" });
  const working = [slow(0, HERE), slow(1, HERE)];
  await expect.poll(() => reads).toBe(2);
  expect((await ask("/v1/me", HERE)).status).toBe(200); // uses the third place, and frees it
  working.push(slow(2, HERE));
  await expect.poll(() => reads).toBe(3);
  const waiting = ask("/v1/me", HERE);
  const first = Promise.race([waiting.then(() => "in its turn"), ask("/v1/me", THERE).then(() => "another address")]);
  expect(await first).toBe("another address");
  letGo();
  for (const answer of await Promise.all([...working, waiting])) expect(answer.status).toBe(200);
});

test("a client address with a hundred waiting requests gets 429 with Retry-After for the next; other addresses are served", async () => {
  Config.use({ ...platform.variables, REQUESTS_AT_ONCE_PER_ADDRESS: "1" });
  const first = slow(0, HERE);
  await expect.poll(() => reads).toBe(1);
  const others = Array.from({ length: WAITING + 10 }, () => ask("/v1/me", HERE));
  const refusals: Answer[] = [];
  for (const other of others) void other.then((answer) => answer.status === 429 && refusals.push(answer));
  await expect.poll(() => refusals.length).toBe(10);
  for (const refused of refusals) {
    expect([problem(refused), refused.headers.get("retry-after")]).toEqual(["429 RATE_LIMITED", "1"]);
    expect(String(refused.json["detail"])).toContain("At most 1 concurrent requests per address");
  }
  letGo();
  const answers = await Promise.all([first, ...others]);
  const statuses = Map.groupBy(answers, ({ status }) => status);
  expect([statuses.get(200)?.length, statuses.get(429)?.length]).toEqual([1 + WAITING, 10]);
  expect((await ask("/v1/me", HERE)).status).toBe(200);
});

test("readiness reports the database as up while its pool is busy, and as down when it does not respond", async () => {
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_POOL_SIZE: "1" });
  try {
    const goOn = Promise.withResolvers<void>();
    const taken = Promise.withResolvers<void>();
    const busy = Db.transaction(async () => {
      taken.resolve();
      await goOn.promise;
    });
    await taken.promise;
    const up = await ask("/health", HERE);
    expect([up.status, up.json["checks"]?.["database"]]).toEqual([200, "ok"]);
    goOn.resolve();
    await busy;
    await Db.close();
    Config.use({ ...platform.variables, DATABASE_URL: "postgres://u:p@127.0.0.1:1/none" });
    const down = await ask("/health?deep=true", HERE); // a health check different from the one above, whose response is cached for 5 s
    expect([down.status, down.json["checks"]?.["database"]]).toEqual([503, "error"]);
  } finally {
    await Db.close();
    Config.use(platform.variables);
  }
});
