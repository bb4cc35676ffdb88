import { Clock } from "../platform/clock.ts";
import { type DeliveryMessage, type Probe, Sweep } from "../outbox/index.ts";
import { Queue } from "../platform/queue/index.ts";
import { RateLimiter } from "./rate-limiter.ts";
import { type Verdict, isAnswer } from "./schedule.ts";
import { onReset } from "../platform/reset.ts";

/** The fields of a delivery attempt that indicate whether Markov works (see `Delivery.attempt`). */
type Attempt = { readonly verdict: Verdict; readonly pauseSeconds: number };

/**
 * The circuit breaker opens after this number of consecutive failures, spread over this number of subjects: then Markov fails for all
 * events, not for a single event.
 */
const FAILURES = 8;
const SUBJECTS = 3;
/**
 * Number of first attempts of an event that can count as failures of Markov: an event that fails more often probably
 * has a fault itself.
 */
const COUNTED_ATTEMPTS = 3;
/**
 * Time for which this process makes no attempts after it opened the circuit breaker. Within that time the delivery
 * switch stops new messages.
 */
const PAUSE_MS = 30_000;

let failures = 0;
const subjects = new Set<string>();
let pausedUntil = 0;

/**
 * Whether this process considers Markov to fail for all events. During that time no event is dead-lettered. The limit
 * is `FAILURES - 1`, since {@link record} sets `failures` to this number when it opens the circuit breaker.
 */
export const isOpen = () => failures >= FAILURES - 1 && subjects.size >= SUBJECTS;

/** Seconds for which this process must make no attempts; 0 when attempts are allowed. */
export function pausedForSeconds(): number {
  return Math.max(0, Math.ceil((pausedUntil - Clock.now().getTime()) / 1000));
}

/**
 * Records the result of an attempt. Any answer about the event itself, including a refusal, shows that Markov works.
 * @param attempts the number of attempts made of this event, including this one
 * @returns true when this attempt opens the circuit breaker; the caller must then send the probe (`open`)
 */
export async function record({ verdict, pauseSeconds }: Attempt, subject: string, attempts: number): Promise<boolean> {
  if (isAnswer(verdict)) {
    const isFirstAfterOutage = failures >= FAILURES - 1;
    failures = 0;
    subjects.clear();
    if (isFirstAfterOutage) await RateLimiter.slowStart();
    return false;
  }
  const now = Clock.now().getTime();
  if (verdict === "slow_down") {
    pausedUntil = Math.max(pausedUntil, now + pauseSeconds * 1000);
    await RateLimiter.slowStart(pauseSeconds * 1000);
  }
  if (attempts > COUNTED_ATTEMPTS) return false;
  failures += 1;
  subjects.add(subject);
  if (failures < FAILURES || subjects.size < SUBJECTS || now < openedUntil) return false;
  openedUntil = now + PAUSE_MS;
  pausedUntil = Math.max(pausedUntil, openedUntil);
  // The circuit breaker will be half-open: one more failure opens it again, and a success closes it.
  failures = FAILURES - 1;
  return true;
}
let openedUntil = 0;

/**
 * Sends a copy of the failed event to the `breaker` queue, as the probe. Senders that open the circuit breaker at the same time
 * use the same FIFO deduplication id, so that SQS keeps only one of their probes.
 */
export async function open(event: DeliveryMessage): Promise<void> {
  const now = Clock.now();
  const probe: Probe = { ...event, opened_at: now.toISOString() };
  const id = `open-${Math.floor(now.getTime() / PAUSE_MS)}`;
  await Queue.get().send("breaker", { body: Queue.toBody(probe), fifo: { group: "breaker", id } });
  await Sweep.callFor("breaker");
}

/** Records that deliveries have resumed: probes sent before now are outdated. */
export function markClosed(): void {
  closedAt = Clock.now().getTime();
}
let closedAt = -Infinity;

/**
 * Whether the circuit breaker has closed since this probe was sent. Senders without a shared delivery switch may have sent several probes.
 */
export const isOutdated = (probe: Probe) => Date.parse(probe.opened_at ?? "") <= closedAt;

/** Resets the module to the state of a new process (tests, simulation). */
export function reset(): void {
  closedAt = -Infinity;
  failures = 0;
  subjects.clear();
  pausedUntil = 0;
  openedUntil = 0;
}
onReset(reset);

export * as Breaker from "./circuit-breaker.ts";
