import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { lambda } from "../platform/lambda-client.ts";
import { Log } from "../platform/log.ts";
import { RedisRateLimiter } from "./redis-rate-limiter.ts";
import { onReset } from "../platform/reset.ts";

/**
 * Pauses and resumes the flow from the `deliveries` queue to its senders. While it is paused, messages keep their place
 * in the queue, are not received and cost nothing.
 */
export interface DeliverySwitch {
  /**
   * @param forMs after this time a pause that is not a Lambda trigger ends by itself: another process may receive the
   * next probe
   */
  pause(forMs: number): Promise<void>;
  resume(): Promise<void>;
}

let pausedUntil = 0;
/** Without a Lambda trigger: a flag in Redis for the pollers of all pods, and a variable for those of this process. */
const podSwitch: DeliverySwitch = {
  pause: async (forMs) => {
    pausedUntil = Clock.now().getTime() + forMs;
    await RedisRateLimiter.pauseDeliveries(forMs);
  },
  resume: async () => {
    pausedUntil = 0;
    await RedisRateLimiter.resumeDeliveries();
  },
};

let replacement: DeliverySwitch | undefined;

/** The switch of this stage: the Lambda trigger if there is one, else the flag that pollers read. */
export function get(): DeliverySwitch {
  const trigger = Config.section("queue").DELIVERIES_TRIGGER_ID;
  return replacement ?? (trigger === undefined ? podSwitch : triggerSwitch(trigger));
}

/**
 * Whether pollers must not receive. The flag in Redis decides; without an answer from Redis, the variable of this
 * process does.
 */
export async function isPaused(): Promise<boolean> {
  return (await RedisRateLimiter.areDeliveriesPaused()) ?? Clock.now().getTime() < pausedUntil;
}

/** Replaces the switch (simulation); undefined restores the real one. */
export function use(other: DeliverySwitch | undefined): void {
  replacement = other;
  pausedUntil = 0;
}
onReset(() => use(undefined));

function triggerSwitch(id: string): DeliverySwitch {
  const enable = async (isEnabled: boolean) => {
    const { sdk, client } = await lambda("delivery_switch");
    await client.send(new sdk.UpdateEventSourceMappingCommand({ UUID: id, Enabled: isEnabled }));
    Log.warn("the deliveries trigger was switched", { enabled: isEnabled });
  };
  return { pause: () => enable(false), resume: () => enable(true) };
}

export * as DeliverySwitch from "./delivery-switch.ts";
