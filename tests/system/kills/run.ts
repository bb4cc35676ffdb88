import { setTimeout as sleep } from "node:timers/promises";
import * as v from "valibot";
import { Payload } from "@gotong/local/markov/payload.ts";
import { Load } from "./load.ts";
import { type Part, untilTrue } from "./part.ts";
import { type Stage, openStage } from "./stage.ts";
import { type Cause, type Kill, duplicatesByCause } from "./duplicates.ts";
import { broken } from "./verdict.ts";

const MEMBERS = 4;
/**
 * Number of clients: few, so that the platform and not the host is the bottleneck. Every delivery in flight at a kill is a possible
 * duplicate.
 */
const CLIENTS = 4;
/**
 * Time without progress after which the run continues with the next kill, since all acts may wait for a killed process.
 */
const STALLED_MS = 20_000;
/** Probability that a second process is killed with the first. */
const DOUBLE_FAULT = 0.2;
const DRAIN_PATIENCE_MS = 600_000;

export interface Options {
  /** Folder for logs and data; must exist. */
  readonly dir: string;
  readonly kills: number;
  /** Minimum number of acts with an event that are answered with success. */
  readonly events: number;
  readonly visibilitySeconds: number;
  /**
   * Whether the run ends with a sweep at once, like one that an operator starts. Otherwise it waits up to a minute for
   * the armed sweep.
   */
  readonly isSweptAtEnd: boolean;
  readonly progress?: (line: string) => void;
  /** Called before each kill: returns whether to stop before the targets are met. */
  readonly isCut?: () => boolean;
}

export interface Result {
  readonly kills: Readonly<Record<string, number>>;
  /** Number of kills after which the queue had lost its messages. */
  readonly queueLosses: number;
  readonly answered: number;
  readonly committed: number;
  readonly delivered: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly duplicatesByCause: Readonly<Record<Cause, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly loadSeconds: number;
  readonly drainSeconds: number;
  /** Log lines of errors that caused a 500. */
  readonly unexpected: readonly string[];
  readonly broken: readonly string[];
}

/**
 * Runs the platform under load, kills its processes at random until both targets are met, and checks whether any event is missing.
 */
export async function run(options: Options): Promise<Result> {
  const stage = await openStage(options.dir, options.visibilitySeconds);
  try {
    const load = new Load(stage.apis);
    await load.register(MEMBERS);
    const killed: Kill[] = [];
    const began = performance.now();
    let isOver = false;
    const acting = load.run(CLIENTS, () => isOver);
    await killAtRandom(stage, load, options, killed);
    isOver = true;
    await acting;
    await untilTrue(async () => stage.parts.every((part) => part.isUp), "all parts to serve again");
    const loaded = performance.now();
    if (options.isSweptAtEnd) await stage.sweep();
    await drained(stage);
    const seconds = (from: number, to: number) => Math.round((to - from) / 1000);
    return {
      ...(await judged(stage, load, killed)),
      kills: Object.fromEntries(
        stage.parts.map(({ name }) => [name, killed.filter(({ part }) => part === name).length]),
      ),
      queueLosses: stage.losses.length,
      failures: Object.fromEntries(load.failures),
      loadSeconds: seconds(began, loaded),
      drainSeconds: seconds(loaded, performance.now()),
    };
  } finally {
    await stage.stop();
  }
}

/**
 * Kills processes in proportion to the load, so that kills and load finish together: each kill follows a random number
 * of further acts.
 */
async function killAtRandom(
  { parts, markov }: Stage,
  load: Load,
  { kills, events, progress, isCut }: Options,
  killed: Kill[],
): Promise<void> {
  const restarts: Promise<void>[] = [];
  let done = 0;
  const isOver = () => isCut?.() === true || (done >= kills && load.answered.size >= events);
  while (!isOver()) {
    const every = done < kills ? (events - load.answered.size) / (kills - done) : 0;
    await acted(load, Math.max(1, Math.random() * 2 * every));
    for (const count = done + (Math.random() < DOUBLE_FAULT ? 2 : 1); done < Math.min(count, kills); done += 1) {
      const part = choose(parts);
      if (!part) break; // every part has been killed and not restarted yet
      killed.push({ part: part.name, atMs: performance.now() });
      restarts.push(part.kill());
    }
    progress?.(`${done} kills, ${load.answered.size} acts answered, ${markov.tally.get("duplicate") ?? 0} duplicates`);
  }
  await Promise.all(restarts);
}

async function acted(load: Load, acts: number): Promise<void> {
  const [from, since] = [load.answered.size, performance.now()];
  while (load.answered.size < from + acts && performance.now() < since + STALLED_MS) await sleep(10 * Math.random());
}

function choose(parts: readonly Part[]): Part | undefined {
  const up = parts.filter((part) => part.isUp);
  let ticket = Math.random() * up.reduce((sum, part) => sum + part.weight, 0);
  return up.find((part) => (ticket -= part.weight) < 0);
}

/**
 * Waits until all committed events are recorded as delivered. If some are not in time, `broken` reports them as
 * missing.
 */
async function drained(stage: Stage): Promise<void> {
  const isDone = async () => {
    const [row] = await stage.sql`select count(*)::int as n from webhook_events where status = 'pending'`;
    await sleep(200);
    return row?.["n"] === 0;
  };
  await untilTrue(isDone, "everything to be delivered", DRAIN_PATIENCE_MS).catch(() => undefined);
}

async function judged(stage: Stage, load: Load, kills: readonly Kill[]) {
  const rows = await stage.sql`select id, status from webhook_events`;
  const committed = new Map(rows.map((row) => [String(row["id"]), String(row["status"])]));
  const arrivals = stage.markov.ledger.events.map(({ body, subject, sequence }) => {
    const payload = v.parse(v.pipe(v.string(), v.parseJson(), Payload), body);
    return { eventId: payload.event_id, mark: markOf(payload), subject, sequence };
  });
  const marks = new Set(arrivals.map(({ mark }) => mark));
  const tally = new Map(stage.markov.tally);
  const duplicates = tally.get("duplicate") ?? 0;
  const byCause = duplicatesByCause(stage.deliveries, kills, stage.losses);
  for (const good of ["accepted", "duplicate"]) tally.delete(good);
  const refused = [...tally.values()].reduce((sum, count) => sum + count, 0);
  const crashes = stage.programs.flatMap(({ name, crashes: times }) => (times > 0 ? [`${name} × ${times}`] : []));
  return {
    answered: load.answered.size,
    committed: committed.size,
    delivered: arrivals.length,
    lost: [...load.answered].filter((mark) => !marks.has(mark)).length,
    duplicates,
    duplicatesByCause: byCause,
    unexpected: stage.programs.flatMap((program) => program.unexpected()),
    broken: broken({
      answered: load.answered,
      committed,
      arrivals,
      duplicates: duplicates - byCause["the queue lost its messages"],
      refused,
      crashes,
    }),
  };
}

/** The mark of an event's act, see {@link Load}. */
function markOf(payload: v.InferOutput<typeof Payload>): string {
  if (payload.event_type === "contribution_created") return payload.subject.contribution_id;
  return payload.event_type === "por_evidence" ? String(payload.subject.evidence_data["mark"]) : payload.event_id;
}
