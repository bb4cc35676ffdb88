import * as v from "valibot";
import { Leftovers } from "@gotong/core/outbox/index.ts";
import type { Pool } from "@gotong/core/platform/db/database.ts";
import { PushMessage, openPush, sealPush } from "@gotong/core/platform/push/index.ts";
import type { Transport } from "@gotong/core/platform/queue/index.ts";
import type { Bug, World } from "./world.ts";

/** Builds a transport whose `send` to the named queue is replaced. */
const sendingOtherwise =
  (queue: string, send: Transport["send"]) =>
  (real: Transport): Transport => ({
    send: (to, message) => (to === queue ? send(to, message) : real.send(to, message)),
    receive: (...args) => real.receive(...args),
    remove: (...args) => real.remove(...args),
    hide: (...args) => real.hide(...args),
    ping: (...args) => real.ping(...args),
  });

type Planted = Bug & { readonly breaks: RegExp };

/** Planted bugs that the properties must detect. */
export const BUGS: readonly Planted[] = [
  {
    name: "enqueues after the commit, and no sweep looks for what a crash left behind",
    breaks: /committed and never delivered/,
    transport: sendingOtherwise("sweep", async () => undefined),
  },
  {
    name: "acknowledges a delivery before it is sent",
    breaks: /committed and never delivered/,
    worker: (real) =>
      real.queue !== "deliveries" || !("process" in real)
        ? real
        : {
            ...real,
            process: async (message) => {
              void real.process(message).catch(() => undefined);
              return undefined;
            },
          },
  },
  {
    name: "loses an outcome that the queue does not take",
    breaks: /delivered and not recorded as delivered/,
    transport: (real) =>
      sendingOtherwise("outcomes", (queue, message) => real.send(queue, message).catch(() => undefined))(real),
  },
  {
    name: "sends each event in a group of its own",
    breaks: /first deliveries out of order/,
    transport: (real) =>
      sendingOtherwise("deliveries", (queue, message) =>
        real.send(queue, { ...message, fifo: { group: message.fifo?.id ?? "", id: message.fifo?.id ?? "" } }),
      )(real),
  },
  {
    name: "calls no sweep for the outcomes of a queue without a trigger",
    breaks: /delivered and not recorded as delivered/,
    transport: (real) =>
      sendingOtherwise("sweep", async (queue, message) => {
        if (message.delaySeconds !== 20) await real.send(queue, message);
      })(real),
  },
  {
    name: "hides a probe without a sweep that reads it again",
    breaks: /committed and never delivered/,
    transport: (real) =>
      sendingOtherwise("sweep", async (queue, message) => {
        if (!message.body.includes('"only"') || message.delaySeconds === 0) await real.send(queue, message);
      })(real),
  },
  {
    name: "polls the outbox instead of publishing",
    breaks: /statements in an idle hour/,
    transport: sendingOtherwise("sweep", async () => undefined),
    start: (world) => poll(world),
  },
];

function poll(world: World): void {
  world.inApi(() => Leftovers.publishLeftovers());
  world.scheduler.after(5 * 60_000, () => poll(world));
}

/** Planted bugs in acts and their notifications, which `members.ts` must detect. */
export const ACT_BUGS: readonly Planted[] = [
  {
    name: "sends no sweep when a claim can expire",
    breaks: /a claim has not expired/,
    transport: sendingOtherwise("sweep", async () => undefined),
  },
  {
    name: "commits each statement of a claim by itself",
    breaks: /not exactly as often in the feed/,
    start: without(/^(begin|commit|rollback|savepoint|release)\b/),
  },
  {
    name: "queues a push again under another id",
    breaks: /queued for a device more than once/,
    transport: (real) =>
      sendingOtherwise("mail", async (queue, message) => {
        await real.send(queue, message);
        const push = v.safeParse(PushMessage, JSON.parse(message.body));
        if (push.success) await real.send(queue, { body: JSON.stringify(sealPush(openPush(push.output))) });
      })(real),
  },
];

/** Lets the database ignore some statements of transactions. */
function without(ignored: RegExp): (world: World) => void {
  return ({ database }) => {
    const reserve = database.reserve.bind(database);
    database.reserve = async () => {
      const session = await reserve();
      const run: Pool["run"] = (text, params, as) =>
        ignored.test(text) ? session.run("select 1 as ignored", undefined, as) : session.run(text, params, as);
      return { ...session, run };
    };
  };
}
