import { setTimeout as sleep } from "node:timers/promises";
import { sized } from "../../../harness/size.ts";
import type { ApiProcess } from "./api-process.ts";
import { type Attack, contextOf, freshAddresses } from "./attack.ts";
import { Member, type Report } from "./member.ts";
import { type HttpRequest, send } from "./send.ts";

/**
 * Vitest options for every test that calls `duel`: on a busy host a ratio of times may exceed its limit by chance, but
 * hardly ever three times in a row.
 */
export const TRIES = { retry: 2 };
/** Lower bound of the times in a ratio: ratios of shorter times only measure the noise of the host. */
export const FLOOR_MS = 100;
/** Default time between the start of an attack and the member's first request. */
const LEAD_MS = 300;
/** Default number of rounds; the long form averages out more noise. */
const ROUNDS = sized(1, 3);
/** Time within which an attack must stop after its signal. */
const END_MS = 10_000;

interface Options {
  readonly attack: Attack;
  /** The member's requests, in order. */
  readonly member: readonly HttpRequest[];
  /** Number of pairs of rounds, one without and one with the attack. */
  readonly rounds?: number;
  /** Number of the member's requests in each round. */
  readonly count?: number;
  /** Time over which the member's requests of a round are spread. */
  readonly leastMs?: number;
  /** Time between the start of the attack and the member's first request, for attacks that need time to set up. */
  readonly leadMs?: number;
}

interface Series {
  readonly requests: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly statuses: Readonly<Record<string, number>>;
}

export interface Duel {
  /** p95 during the attack divided by p95 alone, both at least {@link FLOOR_MS}. */
  readonly ratio: number;
  /**
   * The same ratio for `/live`, which load balancers and kubelets request. Uses p90, since `/live` gets fewer requests
   * than the measured route.
   */
  readonly liveRatio: number;
  readonly alone: Series;
  readonly attacked: Series;
  /** Results of the attacker's requests: counts by status, or by the code of a failed connection. */
  readonly attacker: Readonly<Record<string, number>>;
  /** Responses of `/ready` and `/live` during the attack, by status; each was requested `probes` times. */
  readonly ready: Readonly<Record<string, number>>;
  readonly live: Readonly<Record<string, number>>;
  readonly probes: number;
}

/** Measures a member's response times in alternate rounds: without an attack, and during an attack. See `index.ts`. */
export async function duel(api: ApiProcess, options: Options): Promise<Duel> {
  const { attack, member: requests, rounds = ROUNDS, count = 20, leastMs = 1500, leadMs = LEAD_MS } = options;
  const member = new Member();
  const attacker: Record<string, number> = {};
  const work = (spread = { count, leastMs }) => {
    const [address = "127.0.0.1", probeAddress = "127.0.0.1"] = freshAddresses(2);
    return member.work({ url: api.url, address, probeAddress, requests, ...spread });
  };
  try {
    await work({ count: 2 * requests.length, leastMs: 0 }); // warm-up that loads lazy modules and opens the pool's connections
    const alone: Report[] = [];
    const attacked: Report[] = [];
    for (let round = 0; round < rounds; round += 1) {
      await quiet(api.url);
      alone.push(await work());
      attacked.push(await beside(api.url, round, attack, attacker, leadMs, work));
    }
    const [a, b] = [seriesOf(alone), seriesOf(attacked)];
    const liveTimes = (reports: Report[]) =>
      quantile(
        reports.flatMap((report) => report.liveTimes),
        0.9,
      );
    return {
      ratio: ratioOf(b.p95Ms, a.p95Ms),
      liveRatio: ratioOf(liveTimes(attacked), liveTimes(alone)),
      alone: a,
      attacked: b,
      attacker,
      ready: sum(attacked.map(({ ready }) => ready)),
      live: sum(attacked.map(({ live }) => live)),
      probes: attacked.reduce((total, { probes }) => total + probes, 0),
    };
  } finally {
    await member.end();
  }
}

async function beside<T>(
  url: string,
  round: number,
  attack: Attack,
  counts: Record<string, number>,
  leadMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const end = new AbortController();
  const context = contextOf(url, round, end.signal, counts);
  const attacking = attack(context);
  const stop = async () => {
    end.abort();
    context.close();
    const isEnded = await Promise.race([attacking.then(() => true), sleep(END_MS, false, { ref: false })]);
    if (!isEnded) throw new Error("the attack did not end when its signal aborted");
  };
  await Promise.race([attacking, sleep(leadMs)]);
  try {
    const result = await work();
    return result;
  } finally {
    await stop();
  }
}

/** Waits until the attack's backlog is processed: until requests are answered as on an idle server. */
async function quiet(url: string): Promise<void> {
  const [address = "127.0.0.1"] = freshAddresses(1);
  for (let quick = 0, tries = 0; quick < 3 && tries < 200; tries += 1) {
    const startedAt = performance.now();
    const isAnswered = await send(url, { path: "/live" }, { address }).then(
      () => true,
      () => false,
    );
    quick = isAnswered && performance.now() - startedAt < FLOOR_MS ? quick + 1 : 0;
    await sleep(50);
  }
}

function seriesOf(reports: readonly Report[]): Series {
  const times = reports.flatMap((report) => report.times);
  return {
    requests: times.length,
    p50Ms: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    statuses: sum(reports.map(({ statuses }) => statuses)),
  };
}

/** The ratio of two times, both at least {@link FLOOR_MS}. */
export const ratioOf = (attackedMs: number, aloneMs: number) =>
  Math.max(attackedMs, FLOOR_MS) / Math.max(aloneMs, FLOOR_MS);

/**
 * A quantile of times by nearest rank: of 20 times the p95 is the 19th, not the largest.
 * @param share 0.95 for the p95
 */
export function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
}

function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const one of counts) for (const [name, count] of Object.entries(one)) total[name] = (total[name] ?? 0) + count;
  return total;
}
