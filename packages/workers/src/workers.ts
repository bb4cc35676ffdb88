import { breaker } from "./breaker/process.ts";
import { deliveries } from "./deliveries/process.ts";
import { evidence } from "./evidence/process.ts";
import { outcomes } from "./outcomes/process.ts";
import { mail } from "./mail/process.ts";
import { poll } from "./poll.ts";
import { sweep } from "./sweep/process.ts";

/** Serves all queues in this process. @returns a function that stops serving after the batches in progress */
export function startWorkers(): () => Promise<void> {
  const stopping = new AbortController();
  const running = [deliveries, breaker, outcomes, evidence, sweep, mail].map((worker) => poll(worker, stopping.signal));
  return async () => {
    stopping.abort();
    await Promise.all(running);
  };
}
