import { Breaker, Delivery, DeliverySwitch, RateLimiter, ReceiveCount, isAnswer } from "@gotong/core/webhook/index.ts";
import { DeliveryMessage, Probe } from "@gotong/core/outbox/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Worker, acknowledgeWith, asSystem, parseBody, runBatch } from "../batch.ts";
import { deliver, deliveries } from "../deliveries/process.ts";

/**
 * Seconds between probes: 15, doubled up to five minutes; up to one minute when no waiting event shows whether others
 * fail too.
 */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
const LONGEST_WITHOUT_TRIAL_SECONDS = 60;
/** A pause kept in Redis or in a process must outlast the time until the next probe. */
const MARGIN_SECONDS = 60;
/** SQS dead-letters a message after 1,000 receives; well before that a new probe replaces it. */
const RECEIVES = 200;
/** How many waiting events, each of another subject, are attempted when the probe's own event fails. */
const TRIAL_EVENTS = 5;
/** The longest delay before their next attempt: they are the oldest, and should come first once Markov is back. */
const TRIAL_RETRY_SECONDS = 600;

/**
 * The circuit breaker, shared by all senders. When Markov fails for all events, a sender puts the event that failed
 * here, as a probe. This worker attempts that event and, since Markov may fail only for it, a few waiting ones. While
 * Markov answers none of them, it pauses the deliveries and tries again later; neither senders nor database are needed
 * meanwhile. The probe stays in its queue until deliveries are resumed, so no crash can leave them paused for good; the
 * queue is FIFO with one group, so there is one probe at a time.
 */
export const breaker = {
  queue: "breaker",
  stuckAfterSeconds: deliveries.stuckAfterSeconds,
  process: async (message: Incoming): Promise<number | undefined> => {
    const probe = parseBody(Probe, message);
    // A probe received before may have paused the deliveries, and then has to resume them.
    if (message.receiveCount === 1 && Breaker.isOutdated(probe)) return undefined;
    return asSystem("breaker", probe.request_id, async () => {
      const attempt = await Delivery.attempt(probe, 1);
      await Delivery.report(attempt.outcome, message.receiveCount);
      // A 429 concerns all senders; any other failure may concern this event only.
      const isAnswered = isAnswer(attempt.verdict);
      const trial = isAnswered || attempt.pauseSeconds > 0 ? NOT_TRIED : await tryWaitingEvents();
      if (isAnswered || trial.isAnswered) {
        await RateLimiter.slowStart(trial.pauseSeconds * 1000);
        await DeliverySwitch.get().resume();
        Breaker.markClosed();
        Log.warn("deliveries resumed", { probes: message.receiveCount });
        return undefined;
      }
      const longest = trial.isEmpty ? LONGEST_WITHOUT_TRIAL_SECONDS : LONGEST_SECONDS;
      const backoff = Math.min(longest, FIRST_SECONDS * 2 ** Math.min(message.receiveCount - 1, 5));
      const seconds = Math.max(backoff, attempt.retryInSeconds ?? 0, trial.pauseSeconds);
      await DeliverySwitch.get().pause((seconds + MARGIN_SECONDS) * 1000);
      Log.warn("Markov fails for all events: deliveries are paused", { probes: message.receiveCount });
      if (message.receiveCount < RECEIVES) return seconds;
      await Breaker.open(probe);
      return undefined;
    });
  },
} satisfies Worker;

interface Trial {
  /** Whether no event could be attempted: none waits, or all were attempted a moment ago. */
  readonly isEmpty: boolean;
  /** Whether Markov accepted or refused at least one of them. */
  readonly isAnswered: boolean;
  /** The longest pause that Markov asked for. */
  readonly pauseSeconds: number;
}
const NOT_TRIED: Trial = { isEmpty: false, isAnswered: false, pauseSeconds: 0 };

/** Attempts some of the waiting events, as their sender would. */
async function tryWaitingEvents(): Promise<Trial> {
  const attempts: Delivery.Attempt[] = [];
  const trial: Worker = {
    ...deliveries,
    process: async (message) => {
      const attempt = await deliver(parseBody(DeliveryMessage, message), ReceiveCount.attempts(message), true);
      attempts.push(attempt);
      const { retryInSeconds, pauseSeconds } = attempt;
      return retryInSeconds === undefined
        ? undefined
        : Math.max(pauseSeconds, Math.min(retryInSeconds, TRIAL_RETRY_SECONDS));
    },
  };
  try {
    // Received one at a time: SQS returns no second message of a group in progress, so each has another subject. With a
    // wait of 1 s: a short poll may find an SQS queue empty when it is not.
    const messages: Incoming[] = [];
    for (let other = 0; other < TRIAL_EVENTS && messages.length === other; other += 1)
      messages.push(...(await Queue.get().receive("deliveries", 1, undefined, 1)));
    await runBatch(trial, messages, acknowledgeWith("deliveries"));
    return {
      isEmpty: messages.length === 0,
      isAnswered: attempts.some(({ verdict }) => isAnswer(verdict)),
      pauseSeconds: Math.max(0, ...attempts.map(({ pauseSeconds }) => pauseSeconds)),
    };
  } catch (error) {
    Log.error("waiting events could not be attempted", error);
    return NOT_TRIED;
  }
}
