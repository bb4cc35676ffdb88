import { Breaker } from "@gotong/core/webhook/circuit-breaker.ts";
import { Delivery } from "@gotong/core/webhook/index.ts";
import { Pace } from "@gotong/core/webhook/rate-limiter.ts";
import { Receives } from "@gotong/core/webhook/receive-count.ts";
import { isAnswer } from "@gotong/core/webhook/schedule.ts";
import { Valve } from "@gotong/core/webhook/delivery-switch.ts";
import { Delivery as DeliveryMessage, Probe } from "@gotong/core/outbox/message.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Worker, asSystem, parseBody, runBatch, settleIn } from "../batch.ts";
import { deliver, deliveries } from "../deliveries/process.ts";

/** Seconds between probes: 15, then doubled up to five minutes; to one where none waits who could tell whether others fail. */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
const LONGEST_ALONE_SECONDS = 60;
/** A valve that lives in a process stays closed until the next probe has surely been made. */
const MARGIN_SECONDS = 60;
/** SQS gives a message up after 1,000 receives; well before that a fresh one goes on in its place. */
const RECEIVES = 200;
/** How many of the events that wait are tried when the probe's own fails, each of another subject. */
const OTHERS = 5;
/** After how long such a one is tried again at the latest: the oldest are tried, and are to come first when Markov is back. */
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
  stuckAfterSeconds: deliveries.stuckAfterSeconds,
  process: async (message: Incoming): Promise<number | undefined> => {
    const probe = parseBody(Probe, message);
    // One that was received before may have closed the valve, and is there to open it.
    if (message.receiveCount === 1 && Breaker.isOutdated(probe)) return undefined;
    return asSystem("breaker", probe.request_id, async () => {
      const attempt = await Delivery.attempt(probe, 1);
      await Delivery.report(attempt.outcome, message.receiveCount);
      // A 429 speaks of everyone; any other failure may be that of one event.
      const isAnswered = isAnswer(attempt.verdict);
      const others = isAnswered || attempt.pauseSeconds > 0 ? NOT_TRIED : await tryOthers();
      if (isAnswered || others.isAnswered) {
        await Pace.slowStart(others.pauseSeconds * 1000);
        await Valve.get().open();
        Breaker.closed();
        Log.warn("deliveries flow", { probes: message.receiveCount });
        return undefined;
      }
      const longest = others.isAlone ? LONGEST_ALONE_SECONDS : LONGEST_SECONDS;
      const backoff = Math.min(longest, FIRST_SECONDS * 2 ** Math.min(message.receiveCount - 1, 5));
      const seconds = Math.max(backoff, attempt.retryInSeconds ?? 0, others.pauseSeconds);
      await Valve.get().close((seconds + MARGIN_SECONDS) * 1000);
      Log.warn("Markov fails for everyone: deliveries are held", { probes: message.receiveCount });
      if (message.receiveCount < RECEIVES) return seconds;
      await Breaker.open(probe);
      return undefined;
    });
  },
} satisfies Worker;

interface Trial {
  /** Whether none was there: none waits, or all that wait were tried a moment ago. */
  readonly isAlone: boolean;
  /** Whether Markov works for one of them. */
  readonly isAnswered: boolean;
  /** The longest pause that Markov asked for. */
  readonly pauseSeconds: number;
}
const NOT_TRIED: Trial = { isAlone: false, isAnswered: false, pauseSeconds: 0 };

/** Tries some of the events that wait, as their sender would. */
async function tryOthers(): Promise<Trial> {
  const attempts: Delivery.Attempt[] = [];
  const trial: Worker = {
    ...deliveries,
    process: async (message) => {
      const attempt = await deliver(parseBody(DeliveryMessage, message), Receives.attemptsOf(message), true);
      attempts.push(attempt);
      const { retryInSeconds, pauseSeconds } = attempt;
      return retryInSeconds === undefined
        ? undefined
        : Math.max(pauseSeconds, Math.min(retryInSeconds, OTHERS_AGAIN_SECONDS));
    },
  };
  try {
    // One at a time, as of a group of which one is out no other is given out; and waiting a moment, as a queue that is asked
    // without may say that it is empty when it is not.
    const messages: Incoming[] = [];
    for (let other = 0; other < OTHERS && messages.length === other; other += 1)
      messages.push(...(await Queue.get().receive("deliveries", 1, undefined, 1)));
    await runBatch(trial, messages, settleIn("deliveries"));
    return {
      isAlone: messages.length === 0,
      isAnswered: attempts.some(({ verdict }) => isAnswer(verdict)),
      pauseSeconds: Math.max(0, ...attempts.map(({ pauseSeconds }) => pauseSeconds)),
    };
  } catch (error) {
    Log.error("waiting events could not be tried", error);
    return NOT_TRIED;
  }
}
