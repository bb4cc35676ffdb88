import { expect, test } from "vitest";
import { Cache } from "@gotong/core/platform/cache/index.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Limit } from "@gotong/core/platform/limit/index.ts";
import { taskInput } from "../../harness/factories.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { OwnRedis, hasRedis } from "../../harness/redis.ts";

const platform = usePlatform({ workers: false });
const REQUESTS = 1_600;
const CLIENTS = 8;

/**
 * Requests that a client sends in turn: mostly cached reads, and some writes that invalidate them; all count towards a
 * limit.
 */
const ACTS: readonly ((member: Person, turn: number) => ReturnType<Person["get"]>)[] = [
  (member) => member.get("/v1/tasks?status=open"),
  (member) => member.get(`/v1/users/${member.id}/reputation`),
  (member) => member.get("/v1/skills"),
  (member, turn) => member.post("/v1/tasks", taskInput({ title: `t ${turn}`, description: "d" })),
  (member) => member.get(`/v1/tasks?creator=${member.id}`),
  () => platform.request("GET", "/ready"),
];

test.skipIf(!hasRedis)(
  "Redis killed, restarted and frozen during 1,600 requests causes no 5xx, and members read their own writes",
  async () => {
    const redis = new OwnRedis();
    await redis.start();
    Config.use({ ...platform.variables, REDIS_URL: redis.url });
    await Cache.close();
    Limit.forget();
    const weather: readonly (() => Promise<void> | void)[] = [
      () => redis.kill(),
      () => redis.start(),
      () => redis.freeze(),
      () => redis.thaw(),
    ];
    const statuses = new Map<number, number>();
    const unread: string[] = [];
    let sent = 0;
    let changes = 0;

    async function act(member: Person): Promise<void> {
      while (sent < REQUESTS) {
        const turn = sent;
        sent += 1;
        if (turn % 100 === 99) {
          await weather[changes % weather.length]?.();
          changes += 1;
        }
        const answer = await ACTS[turn % ACTS.length]?.(member, turn);
        if (!answer) throw new Error("nothing was done");
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status !== 201) continue;
        const id = String(answer.json["id"]);
        const mine = await member.get(`/v1/tasks?creator=${member.id}&limit=100`);
        if (!JSON.stringify(mine.json).includes(id)) unread.push(id);
      }
    }
    try {
      const members = await Promise.all(Array.from({ length: CLIENTS }, () => platform.person()));
      await Promise.all(members.map(act));
    } finally {
      redis.thaw();
      await redis.remove();
    }
    process.stdout.write(`${changes} changes of Redis, statuses ${JSON.stringify(Object.fromEntries(statuses))}\n`);
    expect(changes).toBe(REQUESTS / 100);
    expect(new Set(statuses.keys())).toEqual(new Set([200, 201]));
    expect(unread).toEqual([]);
  },
);
