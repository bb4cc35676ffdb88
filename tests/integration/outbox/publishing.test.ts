import { afterEach, beforeEach, expect, test } from "vitest";
import { Actor } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { Event, Leftovers, Sweep } from "@gotong/core/outbox/index.ts";
import { Queue, type Transport } from "@gotong/core/platform/queue/index.ts";
import { usePlatform } from "../../harness/platform.ts";
import { drain } from "../../harness/queue.ts";
import { contributionOf } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: false });
beforeEach(async () => {
  Sweep.disarm();
  await drain("deliveries");
});
afterEach(() => Queue.use(undefined));

/** Replaces the `send` of the real queues. */
function sendingBy(send: (...args: [...Parameters<Transport["send"]>, real: Transport]) => Promise<void>): void {
  Queue.use(undefined);
  const real = Queue.get();
  Queue.use({
    send: (queue, message) => send(queue, message, real),
    receive: (...args) => real.receive(...args),
    remove: (...args) => real.remove(...args),
    hide: (...args) => real.hide(...args),
    ping: (...args) => real.ping(...args),
  });
}

/** Creates a contribution with unpublished events. @returns the subject of the events */
async function unpublished(events: number): Promise<string> {
  const member = await platform.person();
  sendingBy(async (queue, message, real) => {
    if (queue === "deliveries") throw new Error("the queue is away");
    await real.send(queue, message);
  });
  const contributionId = await contributionOf(member);
  const proof = { timestamp: new Date().toISOString(), location: { lat: 1, lon: 2 } };
  for (let made = 1; made < events; made += 1)
    await member.post(`/v1/contributions/${contributionId}/evidence`, { evidence_type: "gps_verification", proof });
  Queue.use(undefined);
  return `contribution:${contributionId}`;
}

const sequencesIn = (messages: readonly { readonly body: string }[]) =>
  messages.map((message) => Number(JSON.parse(message.body).sequence));

test("a sweep publishes a subject's committed events without waiting for a transaction that has locked the subject", async () => {
  const subject = await unpublished(1);
  await platform.sql.begin(async (tx) => {
    await tx`select 1 from event_subjects where subject = ${subject} for update`;
    expect(await Leftovers.publishLeftovers()).toEqual({ sent: 1, failed: 0, more: false });
  });
});

test.each([0, 1, 2])(
  "if one of two concurrent publishers pauses after %i events, the queue has each event of the subject once, in order",
  async (before) => {
    const subject = await unpublished(3);
    const [stopped, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let sent = 0;
    sendingBy(async (queue, message, real) => {
      if (sent === before) {
        sent += 1;
        stopped.resolve();
        await goOn.promise;
      } else sent += 1;
      await real.send(queue, message);
    });
    const slow = Event.publish(subject);
    await stopped.promise;
    expect(await Event.publish(subject)).toBe(3);
    goOn.resolve();
    expect(await slow).toBe(3);
    expect(sequencesIn(await drain("deliveries"))).toEqual([1, 2, 3]);
    const rows = await platform.sql`select 1 from webhook_events where subject = ${subject} and published_at is null`;
    expect(rows).toHaveLength(0);
  },
);

/** Runs `work` inside a transaction that may write events. */
function act(work: () => void): Promise<string> {
  return Actor.run({ type: "system", name: "test" }, "r", () => Event.act(async () => (work(), "done")));
}

test("if a transaction with an event gets its connection too late, another sweep is scheduled before its first statement", async () => {
  await Db.close();
  Config.use({ ...platform.variables, DATABASE_POOL_SIZE: "1" });
  let lateMs = 0;
  const back = Clock.set(() => new Date(Date.now() + lateMs));
  const steps: string[] = [];
  sendingBy(async (queue) => void steps.push(queue));
  try {
    const [taken, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const other = Db.transaction(async () => {
      taken.resolve();
      await goOn.promise;
    });
    await taken.promise;
    const acting = act(() => void steps.push("work"));
    await expect.poll(() => steps).toEqual(["sweep"]);
    lateMs = 31_000;
    goOn.resolve();
    await other;
    expect(await acting).toBe("done");
    expect(steps).toEqual(["sweep", "sweep", "work"]);
  } finally {
    back();
    await Db.close();
    Config.use(platform.variables);
  }
});

test("a transaction with an event that always gets its connection too late is not run, and is rejected with 503", async () => {
  let now = Date.now();
  const back = Clock.set(() => new Date((now += 31_000)));
  let isDone = false;
  try {
    await expect(act(() => void (isDone = true))).rejects.toMatchObject({ code: "UNAVAILABLE" });
    expect(isDone).toBe(false);
  } finally {
    back();
  }
});
