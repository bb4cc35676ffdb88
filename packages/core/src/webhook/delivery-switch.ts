import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { assertNoConnectionHeld } from "../platform/db/scope.ts";
import { Log } from "../platform/log.ts";
import { SharedFlow } from "./redis-rate-limiter.ts";

/** The tap between the `deliveries` queue and its senders. While it is closed, what waits keeps its place and costs nothing. */
export interface Valve {
  /** @param forMs after which a valve that is not a trigger opens by itself: the next probe may reach another process */
  close(forMs: number): Promise<void>;
  open(): Promise<void>;
}

let closedUntil = 0;
/** A note to the pollers of all pods where they share a Redis, and to those of this process. */
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

/** The valve of this stage: the Lambda's trigger where there is one, else a note to the pollers. */
export function get(): Valve {
  const trigger = Config.section("queue").DELIVERIES_TRIGGER_ID;
  return replacement ?? (trigger === undefined ? ofPods : triggerValve(trigger));
}

/** Whether pollers are to leave the queue alone: what all pods share says so, and where it is silent the note of this process. */
export async function isClosed(): Promise<boolean> {
  return (await SharedFlow.isValveClosed()) ?? Clock.now().getTime() < closedUntil;
}

/** Replaces the valve (simulation); undefined goes back. */
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
