import type { PGlite } from "@electric-sql/pglite";
import { Actor, type Member } from "@gotong/core/platform/actor.ts";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Contribution } from "@gotong/core/domain/contribution/contribution.ts";
import { Db } from "@gotong/core/platform/db/index.ts";
import { forgetRunning } from "@gotong/core/domain/evidence/examiner/run.ts";
import { Breaker, DeliverySwitch, RateLimiter } from "@gotong/core/webhook/index.ts";
import { Http } from "@gotong/core/platform/http-client/index.ts";
import { type Dispatched, type DeliveryMessage, Event, Sweep } from "@gotong/core/outbox/index.ts";
import { Id } from "@gotong/core/platform/id.ts";
import { Log } from "@gotong/core/platform/log.ts";
import {
  type Incoming,
  Queue as Queueing,
  type QueueName,
  type Transport,
  factsOf,
  receivedAtOnce,
} from "@gotong/core/platform/queue/index.ts";
import { resetAll } from "@gotong/core/platform/reset.ts";
import { Random } from "@gotong/core/platform/random.ts";
import { type Worker, acknowledgeWith, runBatch } from "@gotong/workers/batch.ts";
import { forgetReceives } from "@gotong/workers/deliveries/process.ts";
import { Dispatch, runDispatched } from "@gotong/workers/dispatch.ts";
import { STAGES } from "../../../infra/stages.ts";
import { Database } from "./database.ts";
import { Network, type Outage } from "./network.ts";
import { Queues } from "./queues.ts";
import { Process, Scheduler } from "./scheduler.ts";

/** The faults and the load of one simulation. */
export interface Weather {
  readonly crashRate: number;
  readonly throttleRate: number;
  readonly duplicateRate: number;
  readonly lossRate: number;
  readonly commitFailureRate: number;
  /** The probability that a statement or a transaction of the API waits up to a minute and a half for a connection. */
  readonly busyRate: number;
  readonly outages: readonly Outage[];
  /** The acts, each with its subject and its time in milliseconds since the start of the simulation. */
  readonly acts: readonly { readonly at: number; readonly subject: string }[];
  /** Times of the contributions. A contribution is an act of one statement and has its own subject. */
  readonly contributions: readonly number[];
  readonly limitPerMinute: number;
  /** Response time of Markov in milliseconds. */
  readonly slownessMs: number;
  /** Whether each invocation runs in a new process, which remembers nothing, like Lambda with little traffic. */
  readonly isForgetful: boolean;
  /** Whether the sweep reads the queues `outcomes` and `breaker`, as on a tenant, whose triggers for them are off. */
  readonly hasFewTriggers: boolean;
  /** Whether pods deliver: a pod receives more messages at once, and acknowledges each as soon as it is done. */
  readonly isDeliveredByPods: boolean;
}

/** Settings of a simulation without faults and acts. */
export const FAIR: Weather = {
  crashRate: 0,
  throttleRate: 0,
  duplicateRate: 0,
  lossRate: 0,
  commitFailureRate: 0,
  busyRate: 0,
  outages: [],
  acts: [],
  contributions: [],
  limitPerMinute: 1000,
  slownessMs: 0,
  isForgetful: false,
  hasFewTriggers: false,
  isDeliveredByPods: false,
};

/** A bug that is planted into the platform, to check that the properties detect it. */
export interface Bug {
  readonly name: string;
  readonly transport?: (real: Transport, world: World) => Transport;
  readonly worker?: (real: Worker, world: World) => Worker;
  readonly start?: (world: World) => void;
}

/**
 * The simulated Lambda triggers. If the table of queues states no concurrency, a trigger has the concurrency of
 * staging.
 */
const STAGE_CONCURRENCY = STAGES.staging.workerConcurrency;
const TRIGGERS = [
  { queue: "deliveries", concurrency: STAGE_CONCURRENCY.deliveries },
  { queue: "breaker", concurrency: factsOf("breaker").concurrency ?? 1 },
  { queue: "outcomes", concurrency: STAGE_CONCURRENCY.outcomes },
  { queue: "evidence", concurrency: STAGE_CONCURRENCY.evidence },
  { queue: "sweep", concurrency: STAGE_CONCURRENCY.sweep },
] as const;
const WITHOUT_TRIGGER: readonly QueueName[] = ["outcomes", "breaker"];
const EPOCH = Date.UTC(2026, 0, 1);
const SECRET = "a-secret-that-only-the-simulation-knows-0123456789";
const USER = "00000000-0000-7000-8000-000000000001";
export const MEMBER: Member = { type: "member", userId: USER, username: "member", roles: [] };
const EVENT_BODY_TITLE = "a contribution of the simulation";

/**
 * One simulation: the platform's own functions, with a database, network, queues and clock whose behaviour depends only
 * on the seed.
 */
export class World {
  readonly scheduler: Scheduler;
  readonly queues: Queues;
  readonly network: Network;
  readonly database: Database;
  /** Acts that were answered with success: their events must arrive. */
  readonly acknowledged: string[] = [];
  /** The subjects of contributions that were answered with success. */
  readonly contributed: string[] = [];
  isFlowing = true;
  readonly #db: PGlite;
  readonly #workers: ReadonlyMap<QueueName, Worker>;
  readonly #running = new Map<QueueName, number>();
  readonly #weather: Weather;
  #api: Process;

  constructor(seed: number, db: PGlite, weather: Weather, workers: readonly Worker[], bug?: Bug) {
    this.scheduler = new Scheduler(seed);
    this.#db = db;
    this.#weather = weather;
    this.queues = new Queues(this.scheduler, () => this.#trigger());
    this.network = new Network(this.scheduler);
    this.database = new Database(this.scheduler, db);
    this.#workers = new Map(workers.map((worker) => [worker.queue, bug?.worker?.(worker, this) ?? worker]));
    this.#api = this.#startApi();
    this.#applyWeather();
    this.#takeOver(bug);
    for (const { at, subject } of weather.acts) this.scheduler.after(at, () => this.#act(subject));
    for (const at of weather.contributions) this.scheduler.after(at, () => this.#contribute());
    bug?.start?.(this);
  }

  /** Restores the real database, network, queues and clock. */
  leave: () => void = () => undefined;

  /** Ends all random faults, so that work in progress can finish. */
  calm(): void {
    this.scheduler.crashRate = 0;
    this.queues.throttleRate = 0;
    this.queues.duplicateRate = 0;
    this.network.lossRate = 0;
    this.database.commitFailureRate = 0;
    this.database.busyRate = 0;
  }

  /** Rows of the database, read without the simulated faults. */
  async rows(text: string): Promise<readonly Record<string, unknown>[]> {
    return (await this.#db.query<Record<string, unknown>>(text)).rows;
  }

  /** Sends an event to the queue `deliveries` without an act, as the publisher would. */
  feed(at: number, eventId: string, subject: string, sequence: number): void {
    const delivery: DeliveryMessage = {
      event_id: eventId,
      subject,
      sequence,
      request_id: "simulation",
      created_at: new Date(EPOCH + at).toISOString(),
      body: JSON.stringify({ event_id: eventId }),
    };
    this.scheduler.after(at, () =>
      this.inApi(() =>
        this.queues.send("deliveries", { body: JSON.stringify(delivery), fifo: { group: subject, id: eventId } }),
      ),
    );
  }

  /** Runs `work` in the API's process. */
  inApi(work: () => Promise<unknown>): void {
    if (!this.#api.isAlive) this.#api = this.#startApi();
    this.scheduler.spawn(this.#api, work, () => undefined);
  }

  static async prepare(db: PGlite): Promise<void> {
    await db.exec(
      `rollback; truncate webhook_failures, webhook_attempts, webhook_events, event_subjects, timers, contributions cascade;
       insert into users (id, username, email, password_hash) values ('${USER}', 'member', 'member@example.org', 'x') on conflict do nothing`,
    );
  }

  #act(subject: string): void {
    this.inApi(() =>
      Actor.run({ type: "system", name: "simulation" }, Id.uuid(), async () => {
        const eventId = await Event.act(() =>
          Event.emit(
            subject,
            { id: USER, username: "member" },
            {
              event_type: "contribution_created",
              subject: { contribution_id: USER, contribution_type: "custom", title: EVENT_BODY_TITLE },
            },
          ),
        );
        this.acknowledged.push(eventId);
      }),
    );
  }

  #contribute(): void {
    const skill_ids: string[] = [];
    const input = {
      contribution_type: "custom",
      title: EVENT_BODY_TITLE,
      description: "",
      skill_ids,
      metadata: {},
    } as const;
    this.inApi(() =>
      Actor.run(MEMBER, Id.uuid(), async () => {
        const { id } = await Contribution.create(input);
        this.contributed.push(Event.contributionSubject(id));
      }),
    );
  }

  #startApi(): Process {
    Sweep.disarm(); // a new process has no armed sweep in its memory
    return new Process("api");
  }

  /** Starts invocations for visible messages, up to the concurrency of each trigger. */
  #trigger(): void {
    for (const { queue, concurrency } of TRIGGERS) {
      const { batchSize, timeoutSeconds } = factsOf(queue);
      if (queue === "deliveries" && !this.isFlowing) continue;
      if (this.#weather.hasFewTriggers && WITHOUT_TRIGGER.includes(queue)) continue;
      while ((this.#running.get(queue) ?? 0) < concurrency && this.queues.hasVisible(queue)) {
        const worker = this.#workers.get(queue);
        if (!worker) break;
        if (queue === "deliveries" && this.#weather.isDeliveredByPods) this.#work(worker, receivedAtOnce(queue));
        else this.#invoke(worker, batchSize, timeoutSeconds * 1000);
      }
    }
  }

  /**
   * Runs one invocation, like a trigger with `lambda-handler.ts`: acknowledges done messages, hides those to be retried later.
   */
  #invoke(worker: Worker, most: number, limitMs: number): void {
    const { queue } = worker;
    this.#run(queue, most, limitMs, async (messages) => {
      for (const { message, isDone, retryInSeconds } of await runBatch(worker, messages)) {
        if (isDone) this.queues.delete(queue, message);
        else if (retryInSeconds !== undefined)
          await this.queues.hide(queue, message, retryInSeconds).catch(() => undefined);
      }
    });
  }

  /** Runs one batch of a pod, as `poll.ts` does: without a time limit. */
  #work(worker: Worker, most: number): void {
    const acknowledge = acknowledgeWith(worker.queue);
    this.#run(worker.queue, most, undefined, async (messages) => {
      await runBatch(worker, messages, acknowledge).catch(() => undefined); // `poll.ts` logs the error, and receives again
    });
  }

  /** Receives a batch, and processes it in a new process. */
  #run(
    queue: QueueName,
    most: number,
    limitMs: number | undefined,
    work: (messages: readonly Incoming[]) => Promise<void>,
  ): void {
    const messages = this.queues.take(queue, most);
    if (messages.length === 0) return;
    const process = new Process(queue);
    this.#running.set(queue, (this.#running.get(queue) ?? 0) + 1);
    let isOver = false;
    const over = () => {
      isOver = true;
      this.#running.set(queue, (this.#running.get(queue) ?? 0) - 1);
      this.scheduler.after(0, () => this.#trigger());
    };
    if (limitMs !== undefined)
      this.scheduler.after(limitMs, () => {
        if (isOver) return;
        this.scheduler.note(`${queue} ENDED at its time limit`);
        process.kill();
      });
    if (this.#weather.isForgetful) forget(queue);
    process.onDeath(() => {
      forget(queue);
      over();
    });
    this.scheduler.spawn(
      process,
      async () => {
        await work(messages);
        over();
      },
      over,
    );
  }

  /**
   * Runs a function that the worker of `breaker` invokes asynchronously. Lambda would retry a failed invocation; this
   * simulation does not.
   */
  async #hand(queue: Dispatched, message: Incoming): Promise<void> {
    await this.scheduler.op(`invoke ${queue}`, () => {
      const worker = this.#workers.get(queue);
      if (!worker) return;
      const process = new Process(queue);
      this.scheduler.after(factsOf(queue).timeoutSeconds * 1000, () => process.kill());
      this.scheduler.spawn(
        process,
        () => runDispatched(worker, queue, [message]),
        () => undefined,
      );
    });
  }

  #applyWeather(): void {
    const weather = this.#weather;
    this.scheduler.crashRate = weather.crashRate;
    this.queues.throttleRate = weather.throttleRate;
    this.queues.duplicateRate = weather.duplicateRate;
    this.queues.isAnyGroupFirst = weather.duplicateRate > 0;
    this.network.lossRate = weather.lossRate;
    this.network.outages = weather.outages;
    this.network.slownessMs = weather.slownessMs;
    this.database.commitFailureRate = weather.commitFailureRate;
    this.database.busyRate = weather.busyRate;
  }

  #takeOver(bug: Bug | undefined): void {
    const { random } = this.scheduler;
    Config.use({
      STAGE: "test",
      DATABASE_URL: "postgres://nowhere/simulation",
      MARKOV_API_URL: "http://markov.example",
      GOTONG_ROYONG_WEBHOOK_SECRET: SECRET,
      MAIL_KEY: SECRET,
      JWT_KEY: SECRET,
      VERIFICATION_QUORUM: "2", // a few votes decide
      MARKOV_LIMIT_PER_MINUTE: String(this.#weather.limitPerMinute),
      DELIVERY_SENDERS: "1",
      TASK_LIMIT_PER_DAY: "1000000",
      ASSIGNMENT_LIMIT_PER_DAY: "1000000",
      CONTRIBUTION_LIMIT_PER_DAY: "1000000",
      EVIDENCE_LIMIT_PER_DAY: "1000000",
      EXAMINATIONS_AT_ONCE: "16", // for all simulated processes, since they share the memory of this one
      S3_BUCKET: "evidence",
      S3_CAPABILITIES: "versions,tags,lock",
      AUDITED_READ_LIMIT_PER_DAY: "1000000",
      LOGINS_PER_MEMBER_PER_HOUR: "1000000",
      QUEUES_WITHOUT_TRIGGER: this.#weather.hasFewTriggers ? WITHOUT_TRIGGER.join(",") : "",
    });
    const restoreClock = Clock.set(
      () => new Date(EPOCH + this.scheduler.now),
      (ms) => this.scheduler.sleep(ms),
    );
    const restoreLog = Log.to(() => undefined);
    let last = 0;
    Random.use({ fraction: () => random.next(), hex: (digits) => random.hex(digits) });
    Id.use(() => {
      const time = Math.floor(EPOCH + this.scheduler.now)
        .toString(16)
        .padStart(12, "0");
      const order = ((last += 1) % 0xfff).toString(16).padStart(3, "0");
      return `${time.slice(0, 8)}-${time.slice(8)}-7${order}-8${random.hex(3)}-${random.hex(12)}`;
    });
    Queueing.use(bug?.transport?.(this.queues, this) ?? this.queues);
    Dispatch.use((queue, message) => this.#hand(queue, message));
    Http.use(this.network.send);
    Db.usePool(this.database);
    forget("deliveries");
    DeliverySwitch.use({
      pause: () => this.scheduler.op("pause deliveries", () => void (this.isFlowing = false)),
      resume: () =>
        this.scheduler.op("resume deliveries", () => {
          this.isFlowing = true;
          this.#trigger();
        }),
    });
    this.leave = () => {
      restoreClock();
      restoreLog();
      Db.usePool(undefined);
      resetAll();
    };
  }
}

/** Clears what a sender or an examiner keeps in memory, since a new process starts without it. */
function forget(queue: QueueName): void {
  if (queue === "evidence") forgetRunning();
  if (queue !== "deliveries") return;
  Breaker.reset();
  RateLimiter.reset();
  forgetReceives();
}
