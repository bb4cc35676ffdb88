import { SharedRedis } from "../platform/cache/index.ts";
import { Clock } from "../platform/clock.ts";
import { Config } from "../platform/config.ts";
import { lambda } from "../platform/lambda-client.ts";
import { Log } from "../platform/log.ts";
import { onReset } from "../platform/reset.ts";

/**
 * Pauses and resumes the consumption of the `deliveries` queue. While it is paused, messages keep their order in the queue, are not received
 * and cost nothing.
 */
export interface DeliverySwitch {
  /**
   * @param forMs time after which the pause ends by itself, unless it disabled a Lambda trigger. A pause must end,
   * since another process may receive the next probe, and cannot end the pause in this process
   */
  pause(forMs: number): Promise<void>;
  resume(): Promise<void>;
}

/** The key of the flag in Redis. It exists while deliveries are paused. */
const PAUSED = "markov:paused";

let pausedUntil = 0;
/** The switch of stages without a Lambda trigger: a flag in Redis for the pollers of all pods, and a variable for those of this process. */
const podSwitch: DeliverySwitch = {
  pause: async (forMs) => {
    pausedUntil = Clock.now().getTime() + forMs;
    await SharedRedis.ask((redis) => redis.set(PAUSED, "paused", "PX", Math.max(1, Math.ceil(forMs))));
  },
  resume: async () => {
    pausedUntil = 0;
    await SharedRedis.ask((redis) => redis.del(PAUSED));
  },
};

let replacement: DeliverySwitch | undefined;

/** The switch of this stage: the Lambda trigger if there is one, otherwise the flag that pollers read. */
export function get(): DeliverySwitch {
  const trigger = Config.section("queue").DELIVERIES_TRIGGER_ID;
  return replacement ?? (trigger === undefined ? podSwitch : triggerSwitch(trigger));
}

/**
 * Whether pollers must not receive messages. The flag in Redis decides; if Redis does not answer, the variable of this process decides.
 */
export async function isPaused(): Promise<boolean> {
  const found = await SharedRedis.ask((redis) => redis.exists(PAUSED));
  return found === undefined ? Clock.now().getTime() < pausedUntil : found === 1;
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
