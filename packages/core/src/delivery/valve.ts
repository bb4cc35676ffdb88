import { Clock } from "../clock.ts";
import { Config } from "../config.ts";
import { Log } from "../log.ts";

/** The tap between the `deliveries` queue and its senders. While it is closed, what waits keeps its place and costs nothing. */
export interface Valve {
  /** @param forMs after which a valve that lives in a process opens by itself: the next probe may reach another process */
  close(forMs: number): Promise<void>;
  open(): Promise<void>;
}

let closedUntil = 0;
const ofThisProcess: Valve = {
  close: async (forMs) => {
    closedUntil = Clock.now().getTime() + forMs;
  },
  open: async () => {
    closedUntil = 0;
  },
};

let replacement: Valve | undefined;

/** The valve of this stage: the Lambda's trigger where there is one, else a note to this process's pollers. */
export function get(): Valve {
  const trigger = Config.section("queue").DELIVERIES_TRIGGER_ID;
  return replacement ?? (trigger === undefined ? ofThisProcess : triggerValve(trigger));
}

/** Whether the pollers of this process are to leave the queue alone. */
export function isClosedHere(): boolean {
  return Clock.now().getTime() < closedUntil;
}

/** Replaces the valve (simulation); undefined goes back. */
export function use(other: Valve | undefined): void {
  replacement = other;
  closedUntil = 0;
}

function triggerValve(id: string): Valve {
  const enable = async (isEnabled: boolean) => {
    const { LambdaClient, UpdateEventSourceMappingCommand } = await import("@aws-sdk/client-lambda");
    const client = new LambdaClient({ region: Config.section("queue").AWS_REGION });
    await client.send(new UpdateEventSourceMappingCommand({ UUID: id, Enabled: isEnabled }));
    Log.warn("the flow of deliveries was switched", { enabled: isEnabled });
  };
  return { close: () => enable(false), open: () => enable(true) };
}

export * as Valve from "./valve.ts";
