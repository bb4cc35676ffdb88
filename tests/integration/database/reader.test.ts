import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db, migrate } from "@gotong/core/platform/db/index.ts";
import { noteLists, reset } from "@gotong/core/platform/db/reader.ts";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { Queue } from "@gotong/core/platform/queue/index.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";
import { type Replicated, startReplicated } from "../../harness/replica.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
const folder = mkdtempSync(join(tmpdir(), "gotong-replica-"));
const redis = new OwnRedis();
let database: Replicated;
let keys: Redis;

const answers = (result: "reader" | "behind" | "away") =>
  Number(new RegExp(`^db_reader_total\\{result="${result}"\\} (\\d+)$`, "m").exec(Metrics.render())?.[1] ?? 0);
/**
 * Runs `work`, and counts its reads that a replica may answer.
 * @returns the number that the replica answered, and the numbers that the primary answered since the replica was behind
 * or away
 */
async function answeredBy(work: () => Promise<unknown>) {
  const count = () => ({ reader: answers("reader"), behind: answers("behind"), away: answers("away") });
  const before = count();
  await work();
  const after = count();
  return {
    reader: after.reader - before.reader,
    behind: after.behind - before.behind,
    away: after.away - before.away,
  };
}
const contributionsOf = async (reader: Person, member = reader) =>
  (await reader.get(`/v1/contributions?user=${member.id}`)).json["data"] ?? [];
const tasks = async (reader: Person) => (await reader.get("/v1/tasks?limit=100")).json["data"] ?? [];
/**
 * Turns the sampling of the stage's writes on or off. Without sampling, a replica may show data of any age to a member
 * who has written nothing.
 */
const sampleWrites = (isOn: boolean) =>
  isOn ? keys.del("written:sample:due", "written:sample") : keys.set("written:sample:due", "");
/** Simulates another process that has just started: it has lost all state, except for the content of Redis. */
const inAnotherProcess = () => reset();

describe.skipIf(!hasRedis)("reads from a replica of the database", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    await redis.start();
    keys = new Redis(redis.url);
    database = await startReplicated(folder);
    await migrate(database.primary.url, join(import.meta.dirname, "../../../migrations"));
    await Db.close();
    Config.use({
      ...platform.variables,
      DATABASE_URL: database.primary.url,
      DATABASE_READER_URL: database.replica.url,
      REDIS_URL: redis.url,
    });
  }, 120_000);
  beforeEach(async () => {
    reset();
    await sampleWrites(false);
    await database.replica.resume();
    await database.replica.caughtUp();
  });
  afterAll(async () => {
    await Db.close();
    await Cache.close();
    keys.disconnect();
    await database.stop();
    await redis.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test("a replica answers lists and reputations once it has caught up", async () => {
    const member = await platform.person();
    await contributionOf(member);
    await database.replica.caughtUp();
    inAnotherProcess();
    const by = await answeredBy(async () => {
      expect(await contributionsOf(member)).toHaveLength(1);
      expect((await member.get(`/v1/users/${member.id}/vouches`)).json["data"]).toEqual([]);
      expect((await member.get(`/v1/users/${member.id}/reputation`)).status).toBe(200);
    });
    expect(by.reader).toBe(3);
    await keys.del("version:tasks");
    expect(await answeredBy(() => tasks(member))).toMatchObject({ reader: 1 });
  });

  test("members see their own latest writes in every process; other members may see these writes later", async () => {
    const [writer, other] = [await platform.person(), await platform.person()];
    await contributionsOf(other);
    await database.replica.caughtUp();
    await database.replica.pause();
    await contributionOf(writer);
    inAnotherProcess();
    expect(await answeredBy(async () => expect(await contributionsOf(writer)).toHaveLength(1))).toMatchObject({
      behind: 1,
    });
    // The old result shows that the test reads from the replica.
    const byOther = await answeredBy(async () => expect(await contributionsOf(other, writer)).toEqual([]));
    expect(byOther).toMatchObject({ reader: 1 });
    await database.replica.resume();
    await database.replica.caughtUp();
    expect(await contributionsOf(other, writer)).toHaveLength(1);
  });

  test("members see a contribution that they wrote in a single statement, without a transaction, before its event is published", async () => {
    const writer = await platform.person();
    await database.replica.caughtUp();
    await database.replica.pause();
    const real = Queue.get();
    // Publishing must fail. Otherwise it would mark the event as published, and the test would see only this later
    // write.
    Queue.use({
      ...real,
      send: (queue, message) =>
        queue === "deliveries" ? Promise.reject(new Error("away")) : real.send(queue, message),
    });
    try {
      const body = { contribution_type: "mentoring", title: "Taught masonry" };
      expect((await writer.post("/v1/contributions", body)).status).toBe(201);
    } finally {
      Queue.use(real);
    }
    inAnotherProcess();
    const [row] = await Db.use().execute(sql`select xmin::text as id from contributions where user_id = ${writer.id}`);
    expect(Number(await keys.get(`written:member:${writer.id}`))).toBeGreaterThanOrEqual(Number(row?.["id"]));
    expect(await answeredBy(async () => expect(await contributionsOf(writer)).toHaveLength(1))).toMatchObject({
      behind: 1,
    });
  });

  test("a replica is not used until it shows the last sampled write, which is at most ten seconds old", async () => {
    const [writer, other] = [await platform.person(), await platform.person()];
    await database.replica.caughtUp();
    await database.replica.pause();
    await sampleWrites(true);
    await contributionOf(writer);
    await keys.persist("written:sample:due");
    const by = await answeredBy(async () => expect(await contributionsOf(other, writer)).toHaveLength(1));
    expect(by).toEqual({ reader: 0, behind: 1, away: 0 });
  });

  test("a list that is cached for all members is never loaded from a replica that does not show the change which invalidated it", async () => {
    const [writer, other] = [await platform.person(), await platform.person()];
    await tasks(other);
    await database.replica.caughtUp();
    await database.replica.pause();
    const made = await writer.post("/v1/tasks", { title: "Dig a well", description: "Deep.", difficulty: "hard" });
    inAnotherProcess();
    for (const reader of [other, writer])
      expect(JSON.stringify(await tasks(reader))).toContain(String(made.json["id"]));
  });

  test("a list is loaded from a replica only if the replica shows its latest change, even if Redis learns of an earlier change last", async () => {
    const unused = () => Promise.reject(new Error("the id is known"));
    await noteLists("test", { transactionId: "200" }, unused);
    await noteLists("test", { transactionId: "100" }, unused);
    expect(await keys.get("written:list:test")).toBe("200");
  });

  test("a member who is not on the replica yet is read from the primary database", async () => {
    const asking = await platform.person();
    await database.replica.caughtUp();
    await database.replica.pause();
    const newcomer = await platform.person();
    expect((await asking.get(`/v1/users/${newcomer.id}/reputation`)).status).toBe(200);
    expect((await asking.get("/v1/users/00000000-0000-7000-8000-000000000000/vouches")).status).toBe(404);
  });

  test("a replica is not used inside a transaction, which sees its own writes; a failed transaction is not committed", async () => {
    const count = () =>
      Db.onReader(() => Db.use().execute(sql`select count(*)::int as n from skills where name = 'Reader'`));
    const [inside] = await Db.transaction(async () => {
      await Db.use().execute(sql`insert into skills (id, name, category) values (gen_random_uuid(), 'Reader', 'Test')`);
      const rows = await count();
      return rows;
    });
    expect(inside).toEqual({ n: 1 });
    const failing = Db.transaction(async () => {
      await Db.use().execute(sql`delete from skills where name = 'Reader'`);
      await expect(Db.use().execute(sql`select 1 / 0`)).rejects.toThrow();
    });
    await expect(failing).rejects.toThrow();
    await database.replica.caughtUp();
    expect(await count()).toEqual([{ n: 1 }]);
  });

  test("a replica is not used while Redis is unavailable, since only Redis has the positions of writes", async () => {
    const member = await platform.person();
    await database.replica.caughtUp();
    await redis.kill();
    try {
      expect(await answeredBy(() => contributionsOf(member))).toEqual({ reader: 0, behind: 1, away: 0 });
    } finally {
      await redis.start();
    }
  });

  test("when the replica fails, the primary database answers and no request fails", async () => {
    const member = await platform.person();
    await contributionOf(member);
    // The read is repeated: work after a response, such as marking events as published, may still write after the
    // replica has caught up.
    await until(
      async () => {
        await database.replica.caughtUp();
        return answeredBy(() => contributionsOf(member));
      },
      (by) => by.reader === 1,
    );
    await database.replica.kill();
    const by = await answeredBy(async () => {
      for (let reads = 0; reads < 3; reads += 1) expect(await contributionsOf(member)).toHaveLength(1);
    });
    expect(by.away).toBeGreaterThanOrEqual(2);
  });
});
