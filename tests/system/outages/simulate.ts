import * as v from "valibot";
import { Metrics } from "@gotong/core/platform/metrics/index.ts";
import { drain } from "../../harness/queue.ts";
import type { Resource } from "../../../infra/evaluate/resource.ts";

/** The queues that have a worker and whose messages come from acts of members. */
export const WORKERS = ["deliveries", "outcomes", "evidence", "sweep", "mail"] as const;
export type WorkerName = (typeof WORKERS)[number];

/**
 * The load of a quiet night, the hardest case for an alarm: a request every four minutes, a message in each queue every
 * thirty.
 */
const REQUEST_EVERY_MINUTES = 4;
const MESSAGE_EVERY_MINUTES = 30;
export const MINUTES = 100;

/** A simulated metric value, without the names that its function or queue has on a concrete stage. */
export interface Trace {
  readonly minute: number;
  readonly from:
    | { readonly function: string }
    | { readonly queue: WorkerName | "dead" | "deadDeliveries" }
    | { readonly own: Readonly<Record<string, string>> }
    | { readonly machine: true };
  readonly metricName: string;
  readonly value: number;
}

export interface Scene {
  /**
   * Sends one request to the real handler.
   * @returns the status; throws like a handler that cannot run
   */
  readonly request: (kind: "read" | "act") => Promise<number>;
  /**
   * Runs the real handler of a worker on one message.
   * @returns its message result
   */
  readonly work: (worker: WorkerName, message: Message) => Promise<Fate>;
  /** Workers that receive nothing, since their triggers are off. */
  readonly idle: readonly WorkerName[];
  /** Whether the NAT instance passes its status checks. */
  readonly isMachineUp: boolean;
  /** Ends the outage in this minute. */
  readonly ends?: { readonly minute: number; readonly heal: () => Promise<void> };
  /** Returns the lines that functions have logged since the last call. */
  readonly takeLog: () => string[];
}

export interface Message {
  readonly sentAtSeconds: number;
  readonly ageMs: number;
  readonly receives: number;
}
/**
 * The result of a message: done, or visible again after the given number of seconds (by default the queue's visibility
 * timeout).
 */
export type Fate = { readonly isDone: boolean; readonly retryInSeconds?: number };

/** The settings of a queue on the evaluated stage. */
export interface QueueShape {
  readonly visibilitySeconds: number;
  readonly mostReceives: number;
  readonly isFifo: boolean;
}

const QueueInputs = v.object({
  visibilityTimeoutSeconds: v.number(),
  fifoQueue: v.optional(v.boolean(), false),
  redrivePolicy: v.pipe(v.string(), v.parseJson(), v.object({ maxReceiveCount: v.number() })),
});

export function queueShape(resource: Resource): QueueShape {
  const { visibilityTimeoutSeconds, fifoQueue, redrivePolicy } = v.parse(QueueInputs, resource.inputs);
  return {
    visibilitySeconds: visibilityTimeoutSeconds,
    mostReceives: redrivePolicy.maxReceiveCount,
    isFifo: fifoQueue,
  };
}

interface Kept {
  readonly sentAtSeconds: number;
  receives: number;
  visibleAtSeconds: number;
}

/**
 * Simulates {@link MINUTES} minutes of an outage with the handlers of `scene`.
 * @returns the metric values that AWS and the functions would publish
 */
export async function simulate(
  scene: Scene,
  shapes: Readonly<Record<WorkerName, QueueShape>>,
): Promise<readonly Trace[]> {
  const traces: Trace[] = [];
  const kept: Record<WorkerName, Kept[]> = { deliveries: [], outcomes: [], evidence: [], sweep: [], mail: [] };
  const given = { dead: 0, deadDeliveries: 0 };
  for (let minute = 0; minute < MINUTES; minute += 1) {
    if (scene.ends?.minute === minute) await scene.ends.heal();
    const tell = (from: Trace["from"], metricName: string, value: number) =>
      void traces.push({ minute, from, metricName, value });
    if (minute % REQUEST_EVERY_MINUTES === 0) {
      const kind = (minute / REQUEST_EVERY_MINUTES) % 2 === 0 ? "read" : "act";
      const status = await scene.request(kind).catch(() => undefined);
      tell({ function: "api" }, "Errors", Number(status === undefined));
      tell({ function: "api" }, "UrlRequestCount", 1);
      tell({ function: "api" }, "Url5xxCount", Number(status === undefined || status >= 500));
    }
    for (const worker of WORKERS) {
      const messages = kept[worker];
      if (minute % MESSAGE_EVERY_MINUTES === 0)
        messages.push({ sentAtSeconds: minute * 60, receives: 0, visibleAtSeconds: minute * 60 });
      if (!scene.idle.includes(worker)) await receiveAll(worker, minute, messages, tell);
      const ages = messages
        // In standard queues, this metric of CloudWatch ignores messages that were received three times or more.
        .filter(({ receives }) => shapes[worker].isFifo || receives < 3)
        .map(({ sentAtSeconds }) => (minute + 1) * 60 - sentAtSeconds);
      tell({ queue: worker }, "ApproximateAgeOfOldestMessage", Math.max(0, ...ages));
    }
    for (const queue of ["dead", "deadDeliveries"] as const)
      tell({ queue }, "ApproximateNumberOfMessagesVisible", given[queue]);
    if (scene.isMachineUp) tell({ machine: true }, "StatusCheckFailed", 0);
    Metrics.flush();
    const log = scene.takeLog();
    // The worker itself has dead-lettered the message.
    if (log.some((line) => line.includes("message body does not fit its schema")))
      given.dead += (await drain("dead")).length;
    for (const own of ownMetrics(log)) tell({ own: own.dimensions }, own.metricName, own.value);
  }
  return traces;

  async function receiveAll(
    worker: WorkerName,
    minute: number,
    messages: Kept[],
    tell: (from: Trace["from"], metricName: string, value: number) => void,
  ): Promise<void> {
    const shape = shapes[worker];
    for (const message of messages.slice())
      while (messages.includes(message) && message.visibleAtSeconds < (minute + 1) * 60) {
        const at = Math.max(message.visibleAtSeconds, minute * 60);
        message.receives += 1;
        if (message.receives > shape.mostReceives) {
          messages.splice(messages.indexOf(message), 1);
          given[shape.isFifo ? "deadDeliveries" : "dead"] += 1;
          break;
        }
        const { receives, sentAtSeconds } = message;
        const received = { sentAtSeconds, receives, ageMs: (at - sentAtSeconds) * 1000 };
        const fate = await scene.work(worker, received).catch(() => undefined);
        tell({ function: worker }, "Errors", Number(fate === undefined));
        if (fate?.isDone) messages.splice(messages.indexOf(message), 1);
        else message.visibleAtSeconds = at + (fate?.retryInSeconds ?? shape.visibilitySeconds);
      }
  }
}

const Emf = v.looseObject({
  _aws: v.object({
    CloudWatchMetrics: v.array(
      v.object({ Dimensions: v.array(v.array(v.string())), Metrics: v.array(v.object({ Name: v.string() })) }),
    ),
  }),
});
const Line = v.pipe(v.string(), v.parseJson(), Emf);

/** The metric values that CloudWatch extracts from a function's log lines. */
function ownMetrics(lines: readonly string[]) {
  return lines.flatMap((text) => {
    const line = v.safeParse(Line, text);
    if (!line.success) return [];
    return line.output["_aws"].CloudWatchMetrics.flatMap(({ Dimensions, Metrics: names }) =>
      names.flatMap(({ Name }) =>
        Dimensions.map((dimensions) => ({
          metricName: Name,
          dimensions: Object.fromEntries(dimensions.map((name) => [name, String(line.output[name])])),
          value: Number([line.output[Name]].flat()[0]),
        })),
      ),
    );
  });
}
