import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { assertNoConnectionHeld } from "../platform/db/scope.ts";
import { Log } from "../platform/log.ts";
import { SharedFlow } from "./redis-rate-limiter.ts";

/**
 * Pauses and resumes the flow from the `deliveries` queue to its senders. While it is paused, messages keep their place
 * in the queue, are not received and cost nothing.
 */
export interface Valve {
  /**
   * @param forMs after this time a pause that is not a Lambda trigger ends by itself: another process may receive the
   * next probe
   */
  close(forMs: number): Promise<void>;
  open(): Promise<void>;
}

let closedUntil = 0;
/** Without a Lambda trigger: a flag in Redis for the pollers of all pods, and a variable for those of this process. */
const ofPods: Valve = {
  close: async (forMs) => {
    closedUntil = Clock.now().getTime() + forMs;
    await SharedFlow.closeValve(forMs);
  },
  open: async () => {
    closedUntil = 0;
    await SharedFlow.openValve();
  },
};

let replacement: Valve | undefined;

/** The switch of this stage: the Lambda trigger if there is one, else the flag that pollers read. */
export function get(): Valve {
  const trigger = Config.section("queue").DELIVERIES_TRIGGER_ID;
  return replacement ?? (trigger === undefined ? ofPods : triggerValve(trigger));
}

/**
 * Whether pollers must not receive. The flag in Redis decides; without an answer from Redis, the variable of this
 * process does.
 */
export async function isClosed(): Promise<boolean> {
  return (await SharedFlow.isValveClosed()) ?? Clock.now().getTime() < closedUntil;
}

/** Replaces the switch (simulation); undefined restores the real one. */
export function use(other: Valve | undefined): void {
  replacement = other;
  closedUntil = 0;
}

function triggerValve(id: string): Valve {
  const enable = async (isEnabled: boolean) => {
    assertNoConnectionHeld("valve");
    const { LambdaClient, UpdateEventSourceMappingCommand } = await import("@aws-sdk/client-lambda");
    const client = new LambdaClient({ region: Config.section("queue").AWS_REGION });
    await client.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: isEnabled }));
    Log.warn("the flow of deliveries was switched", { enabled: isEnabled });
  };
  return { close: () => enable(false), open: () => enable(true) };
}

export * as Valve from "./delivery-switch.ts";
