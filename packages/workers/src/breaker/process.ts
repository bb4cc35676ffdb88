import { Delivery } from "@gotong/core/delivery/index.ts";
import { Valve } from "@gotong/core/delivery/valve.ts";
import { Probe } from "@gotong/core/event/message.ts";
import { Log } from "@gotong/core/log.ts";
import { type Incoming, Queue } from "@gotong/core/queue/index.ts";
import { type Worker, asSystem, parseBody } from "../batch.ts";

/** Seconds between probes: 15, then doubled up to five minutes. */
const FIRST_SECONDS = 15;
const LONGEST_SECONDS = 300;
/** SQS delays no message longer. */
const MOST_SECONDS = 900;
/** A valve that lives in a process stays closed until the next probe has surely been made. */
const MARGIN_SECONDS = 60;

/**
 * The circuit breaker, shared by all senders: closes the valve when one of them finds that Markov fails for everyone, and then
 * tries one real event again and again until Markov takes it. Neither the senders nor the database are needed meanwhile.
 * The next probe is always on its way before the valve closes, so that no crash can leave it closed for good.
 */
export const breaker = {
  queue: "breaker",
  process: (message: Incoming): Promise<number | undefined> => {
    const probe = parseBody(Probe, message);
    return asSystem("breaker", probe.delivery.request_id, async () => {
      if (probe.probes === 0) {
        Log.warn("Markov fails for everyone: deliveries are held", {
          event_id: probe.delivery.event_id,
        });
        await again(probe, 0);
        return undefined;
      }
      const { outcome, retryInSeconds } = await Delivery.attempt(probe.delivery, 1);
      await Delivery.report(outcome);
      if (outcome.result === "retrying") await again(probe, retryInSeconds ?? 0);
      else {
        await Valve.get().open();
        Log.warn("Markov answers again: deliveries go on", { probes: probe.probes });
      }
      return undefined;
    });
  },
} satisfies Worker;

async function again({ delivery, probes }: Probe, atLeastSeconds: number): Promise<void> {
  const backoff = Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(probes, 5));
  const delaySeconds = Math.min(MOST_SECONDS, Math.max(backoff, atLeastSeconds));
  const next: Probe = { delivery, probes: probes + 1 };
  await Queue.get().send("breaker", { body: JSON.stringify(next), delaySeconds });
  await Valve.get().close((delaySeconds + MARGIN_SECONDS) * 1000);
}
