import type { Resource } from "./line.ts";
import { type LoadProfile, picturesFromApi } from "./profile.ts";

/**
 * Numbers of invocations, requests and log bytes in a month, which follow from the load and the architecture of the
 * stage.
 */
export interface Traffic {
  /**
   * Invocations of each function and their mean duration, by logical name without `Function`; an absent name is
   * unknown.
   */
  readonly functions: Readonly<Record<string, { readonly invocations: number; readonly milliseconds: number }>>;
  /** Requests to each queue, without the polling of its trigger, by logical name without `QueueQueue`. */
  readonly queues: Readonly<Record<string, number>>;
  /** Bytes in each log group, by logical name. */
  readonly logBytes: Readonly<Record<string, number>>;
}

/** Number of log bytes of one event, including the 26 bytes that CloudWatch adds to each line. */
export const LOG_BYTES = {
  /**
   * The log line of a request with the figures of its queries and caches: 401 bytes in
   * tests/integration/platform/log-bytes.test.ts.
   */
  request: 450,
  /** The log lines of a worker for one message. */
  message: 900,
  /** Lambda's own lines of one invocation (start, end, report) in JSON, unless the function's log level omits them. */
  invocation: 700,
  /** Lambda@Edge's own lines of one invocation, as text. */
  edge: 350,
  /** Flow records, connections and slow queries of the database, per request. */
  flow: 60,
  database: 20,
} as const;

const SQS_OF_A_MESSAGE = 3; // sent, received, removed
/**
 * Number of sweeps that the model counts for one act. Acts within the same half minute share a sweep, so the true
 * number is lower; how much lower is unknown.
 */
const SWEEPS_PER_ACT = 1;

export function trafficOf(profile: LoadProfile, resources: readonly Resource[]): Traffic {
  const { acts, events, photos, mails } = profile;
  const requests = profile.requests + picturesFromApi(profile);
  const attempts = events * profile.attemptsPerEvent;
  const schedules = resources.some(({ type }) => type === "aws:scheduler/schedule:Schedule") ? 12 * 730 : 0;
  // If the trigger of a queue is disabled, each outcome or examination in that queue causes a sweep.
  const [ofOutcomes, ofPhotos] = [isOn(resources, "OutcomesTrigger"), isOn(resources, "EvidenceTrigger")];
  const sweeps = acts * SWEEPS_PER_ACT + schedules + (ofOutcomes ? 0 : attempts) + (ofPhotos ? 0 : photos);
  const functions = {
    Api: { invocations: requests, milliseconds: profile.requestMilliseconds },
    // The edge function also runs for requests of the app's pages.
    RouterEdge: { invocations: requests + profile.appPages, milliseconds: 5 },
    DeliveriesWorker: { invocations: attempts, milliseconds: 300 },
    BreakerWorker: { invocations: 0, milliseconds: 0 },
    OutcomesWorker: { invocations: ofOutcomes ? attempts : 0, milliseconds: 100 },
    EvidenceWorker: { invocations: photos, milliseconds: 1500 },
    SweepWorker: { invocations: sweeps, milliseconds: 200 },
    MailWorker: { invocations: isOn(resources, "MailTrigger") ? mails : 0, milliseconds: 300 },
    // an operator or a release runs it for a few seconds a month
    Migrate: { invocations: 0, milliseconds: 0 },
    Ops: { invocations: 0, milliseconds: 0 }, // a few commands a month
    GuestDatabase: { invocations: 0, milliseconds: 0 }, // twice in the lifetime of a preview
  };
  const isQuiet = (name: string) => {
    const found = resources.find((resource) => resource.name === `${name}Function`);
    return JSON.stringify(found?.inputs["loggingConfig"] ?? {}).includes('"systemLogLevel":"WARN"');
  };
  const logBytes = Object.fromEntries(
    Object.entries(functions).map(([name, { invocations }]) => [
      `${name}Logs`,
      invocations *
        ((name === "Api" ? LOG_BYTES.request : LOG_BYTES.message) + (isQuiet(name) ? 0 : LOG_BYTES.invocation)),
    ]),
  );
  return {
    functions,
    queues: {
      Deliveries: attempts * SQS_OF_A_MESSAGE,
      Breaker: 0,
      Outcomes: attempts * SQS_OF_A_MESSAGE + (ofOutcomes ? 0 : sweeps),
      Attempts: (attempts - events) * SQS_OF_A_MESSAGE,
      Evidence: photos * SQS_OF_A_MESSAGE + (ofPhotos ? 0 : photos),
      Sweep: sweeps * SQS_OF_A_MESSAGE,
      Mail: mails * SQS_OF_A_MESSAGE,
      // Each sweep reads the dead-letter queues.
      Dead: sweeps,
      DeadDeliveries: sweeps,
    },
    logBytes: {
      ...logBytes,
      FlowLogs: requests * LOG_BYTES.flow,
      DatabaseLogs: requests * LOG_BYTES.database,
      // The model assumes that one request in a thousand is blocked.
      RouterWafLogGroup: requests * 0.001 * 1500,
      PodsFirewallLogs: requests * 0.001 * 1500,
    },
  };
}

const isOn = (resources: readonly Resource[], trigger: string) =>
  resources.some(({ name, inputs }) => name === trigger && inputs["enabled"] !== false);
