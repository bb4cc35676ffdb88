import { Clock } from "../platform/clock.ts";
import type { Delivery, Probe } from "../outbox/message.ts";
import { Queue } from "../platform/queue/index.ts";
import { Pace } from "./rate-limiter.ts";
import { type Verdict, isAnswer } from "./schedule.ts";

/** What an attempt told of Markov (see `Delivery.attempt`). */
type Attempt = { readonly verdict: Verdict; readonly pauseSeconds: number };

/** So many failures in a row, of so many subjects, mean that Markov fails for everyone and not for one event. */
const FAILURES = 8;
const SUBJECTS = 3;
/** Only the first attempts of an event tell how others fare: one that has failed for long fails for reasons of its own. */
const TELLING_ATTEMPTS = 3;
/** How long this process holds what it receives until the flow from the queue has stopped. */
const HOLD_MS = 30_000;

let failures = 0;
const subjects = new Set<string>();
let heldUntil = 0;

/** Whether Markov fails for everyone, as far as this process knows: nothing is given up then. */
export const isOpen = () => failures >= FAILURES - 1 && subjects.size >= SUBJECTS;

/** For how many more seconds this process makes no attempts; 0 when it may. */
export function heldForSeconds(): number {
  return Math.max(0, Math.ceil((heldUntil - Clock.now().getTime()) / 1000));
}

/**
 * Takes note of how an attempt went. Any answer about the event itself, a refusal too, shows that Markov works.
 * @param attempts how many were made of this event, this one included
 * @returns true when this attempt opens the breaker: the caller tells the breaker's worker
 */
export async function note({ verdict, pauseSeconds }: Attempt, subject: string, attempts: number): Promise<boolean> {
  if (isAnswer(verdict)) {
    const isFirstAfterOutage = failures >= FAILURES - 1;
    failures = 0;
    subjects.clear();
    if (isFirstAfterOutage) await Pace.slowStart();
    return false;
  }
  const now = Clock.now().getTime();
  if (verdict === "slow_down") {
    heldUntil = Math.max(heldUntil, now + pauseSeconds * 1000);
    await Pace.slowStart(pauseSeconds * 1000);
  }
  if (attempts > TELLING_ATTEMPTS) return false;
  failures += 1;
  subjects.add(subject);
  if (failures < FAILURES || subjects.size < SUBJECTS || now < openedUntil) return false;
  openedUntil = now + HOLD_MS;
  heldUntil = Math.max(heldUntil, openedUntil);
  // Half open afterwards: the next failure opens it again, the next success closes it.
  failures = FAILURES - 1;
  return true;
}
let openedUntil = 0;

/** Hands the event with which it failed to the breaker's worker. Several senders that find so at one time say it once. */
export async function open(delivery: Delivery): Promise<void> {
  const now = Clock.now();
  const probe: Probe = { ...delivery, opened_at: now.toISOString() };
  const id = `open-${Math.floor(now.getTime() / HOLD_MS)}`;
  await Queue.get().send("breaker", { body: Queue.toBody(probe), fifo: { group: "breaker", id } });
}

/** Takes note that deliveries flow again: probes that were sent before say nothing any more. */
export function closed(): void {
  closedAt = Clock.now().getTime();
}
let closedAt = -Infinity;

/** Whether the breaker has closed since this probe was sent. Senders that share no valve may have sent many. */
export const isOutdated = (probe: Probe) => Date.parse(probe.opened_at ?? "") <= closedAt;

/** Begins as a new process does. */
export function reset(): void {
  closedAt = -Infinity;
  failures = 0;
  subjects.clear();
  heldUntil = 0;
  openedUntil = 0;
}

export * as Breaker from "./circuit-breaker.ts";
