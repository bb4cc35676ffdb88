import { Breaker } from "@gotong/core/delivery/breaker.ts";
import { type Attempt, Delivery } from "@gotong/core/delivery/index.ts";
import { Pace } from "@gotong/core/delivery/pace.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Delivery as DeliveryMessage, Probe } from "@gotong/core/event/message.ts";
import { Log } from "@gotong/core/log.ts";
import { type Incoming, Queue } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody, runBatch, settleIn } from "../batch.ts";
import { deliver, deliveries } from "../deliveries/process.ts";

/** Seconds between probes: 15, then doubled up to five minutes. */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
/** A valve that lives in a process stays closed until the next probe has surely been made. */
const MARGIN_SECONDS = 60;
/** SQS gives a message up after 1,000 receives; well before that a fresh one goes on in its place. */
const RECEIVES = 200;
/** How many of the events that wait are tried when the probe's own fails, and after how long such a one is tried again at the latest. */
const OTHERS = 3;
const OTHERS_AGAIN_SECONDS = 600;

/**
 * The circuit breaker, shared by all senders. One of them puts the event with which it failed here when Markov fails for everyone;
 * this tries that event and, as Markov may only fail at that one, a few that wait. As long as it takes none, this closes the
 * valve and tries again later. Neither the senders nor the database are needed meanwhile. The message stays in its queue until
 * the valve is open, so that no crash can leave it closed for good; the queue is FIFO with one group, so that there is one
 * probe at a time.
 */
export const breaker = {
  queue: "breaker",
  process: async (message: Incoming): Promise<number | undefined> => {
    const probe = parseBody(Probe, message);
    if (Breaker.isOutdated(probe)) return undefined;
    return asSystem("breaker", probe.request_id, async () => {
      const attempt = await Delivery.attempt(probe, 1);
      await Delivery.report(attempt.outcome, message.receiveCount);
      // A 429 speaks of everyone; any other failure may be that of one event.
      if (isAnswer(attempt) || (attempt.verdict !== "slow_down" && (await isOpenForOthers()))) {
        await Pace.slowStart();
        await Valve.get().open();
        Breaker.closed();
        Log.warn("deliveries flow", { probes: message.receiveCount });
        return undefined;
      }
      const backoff = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(message.receiveCount - 1, 5));
      const seconds = Math.max(backoff, attempt.retryInSeconds ?? 0);
      await Valve.get().close((seconds + MARGIN_SECONDS) * 1000);
      Log.warn("Markov fails for everyone: deliveries are held", { probes: message.receiveCount });
      if (message.receiveCount < RECEIVES) return seconds;
      await Breaker.open(probe);
      return undefined;
    });
  },
} satisfies Worker;

/** Whether Markov works: it has taken the event, or said that it is wrong. */
const isAnswer = ({ verdict }: Attempt) => verdict === "delivered" || verdict === "refused";

/**
 * Tries some of the events that wait, as their sender would.
 * @returns whether Markov works for one of them. Where none waits there is nothing to hold: whoever fails next says so again.
 */
async function isOpenForOthers(): Promise<boolean> {
  let isWorking = false;
  const trial: Worker = {
    ...deliveries,
    process: async (message) => {
      const attempt = await deliver(parseBody(DeliveryMessage, message), message);
      isWorking ||= isAnswer(attempt);
      const { retryInSeconds } = attempt;
      // The oldest are tried, and the oldest are to come first when Markov is back.
      return retryInSeconds === undefined ? undefined : Math.min(retryInSeconds, OTHERS_AGAIN_SECONDS);
    },
  };
  try {
    const messages = await Queue.get().receive("deliveries", 0, undefined, OTHERS);
    await runBatch(trial, messages, { settle: settleIn("deliveries") });
    return isWorking || messages.length === 0;
  } catch (error) {
    Log.error("waiting events could not be tried", error);
    return isWorking;
  }
}
