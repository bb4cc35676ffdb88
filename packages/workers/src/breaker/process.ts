import { Breaker, Delivery, DeliverySwitch, RateLimiter, isAnswer } from "@gotong/core/webhook/index.ts";
import { DeliveryMessage, Probe } from "@gotong/core/outbox/index.ts";
import { Log } from "@gotong/core/platform/log.ts";
import { type Incoming, Queue } from "@gotong/core/platform/queue/index.ts";
import { type Worker, acknowledgeWith, asSystem, parseBody, runBatch } from "../batch.ts";
import { attemptsOf, deliver, deliveries } from "../deliveries/process.ts";

/**
 * Seconds until the first retry of a probe. The delay doubles up to five minutes. If no waiting event could be
 * attempted, the delay doubles only up to one minute: then a single event decides whether Markov fails for all events.
 */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
const LONGEST_WITHOUT_TRIAL_SECONDS = 60;
/**
 * The pause of deliveries ends this long after the next attempt of the probe, so that the attempt can renew the pause
 * in time.
 */
const MARGIN_SECONDS = 60;
/** Receive count at which a new message replaces the probe, well before SQS dead-letters it after 1,000 receives. */
const RECEIVES = 200;
/** Number of waiting events, each of a different subject, that are attempted when the probe's own event fails. */
const TRIAL_EVENTS = 5;
/**
 * Maximum delay before the next attempt of such a waiting event: these events are the oldest and should be delivered
 * first once Markov is back.
 */
const TRIAL_RETRY_SECONDS = 600;

/**
 * The circuit breaker, shared by all senders. When Markov fails for all events, a sender puts a copy of the failed event
 * into this queue as a probe. The event itself stays in its own queue, and is delivered a second time after a successful
 * probe, which Markov recognises by its id. This worker attempts the probe and, since Markov may fail for this event
 * only, a few waiting events. While Markov answers none of them, the worker pauses deliveries and retries later, without
 * senders or database. The probe stays in its queue until deliveries are resumed, so no crash can leave them paused
 * permanently. The queue is FIFO with a single group, so there is one probe at a time.
 */
export const breaker = {
  queue: "breaker",
  stuckAfterSeconds: deliveries.stuckAfterSeconds,
  process: async (message: Incoming): Promise<number | undefined> => {
    const probe = parseBody(Probe, message);
    // Only a new probe may be dropped as outdated. A probe that was received before may have paused the deliveries, and
    // must then resume them.
    if (message.receiveCount === 1 && Breaker.isOutdated(probe)) return undefined;
    return asSystem("breaker", probe.request_id, async () => {
      // As a first attempt, which is never dead-lettered and has the shortest delay: the probe has a schedule of its own.
      const attempt = await Delivery.attempt(probe, 1);
      await Delivery.sendOutcome(attempt.outcome, message.receiveCount);
      // A 429 concerns all senders. Any other failure may concern this event only.
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
  /** Whether no event could be attempted: none is waiting, or all were attempted very recently. */
  readonly isEmpty: boolean;
  /** Whether Markov accepted or refused at least one of the events. */
  readonly isAnswered: boolean;
  /** The longest pause for which Markov asked. */
  readonly pauseSeconds: number;
}
const NOT_TRIED: Trial = { isEmpty: false, isAnswered: false, pauseSeconds: 0 };

/** Attempts some of the waiting events in the same way as the worker of `deliveries`. */
async function tryWaitingEvents(): Promise<Trial> {
  const attempts: Delivery.Attempt[] = [];
  const trial: Worker = {
    ...deliveries,
    process: async (message) => {
      const attempt = await deliver(parseBody(DeliveryMessage, message), attemptsOf(message), true);
      attempts.push(attempt);
      const { retryInSeconds, pauseSeconds } = attempt;
      return retryInSeconds === undefined
        ? undefined
        : Math.max(pauseSeconds, Math.min(retryInSeconds, TRIAL_RETRY_SECONDS));
    },
  };
  try {
    // Events are received one at a time: SQS returns no second message of a group in progress, so each has a different subject. Waits for 1 s,
    // since short polling may find an SQS queue empty when it is not.
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
