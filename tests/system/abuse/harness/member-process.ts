// Runs the member and the health checks in their own process, so that the measured times exclude the attacker's work in the
// test process.
import { setTimeout as sleep } from "node:timers/promises";
import type { Order, Report } from "./member.ts";
import { outcomeOf, send } from "./send.ts";

const PROBE_EVERY_MS = 100;

process.on("message", (order: Order) => {
  work(order).then(
    (report) => process.send?.(report),
    (error: unknown) => {
      throw error;
    },
  );
});

async function work({ url, address, requests, count, leastMs, probeAddress }: Order): Promise<Report> {
  const report: Report = { times: [], statuses: {}, ready: {}, live: {}, liveTimes: [], probes: 0 };
  const end = new AbortController();
  const probing = probe(url, probeAddress, report, end.signal);
  const begunAt = performance.now();
  for (let n = 0; n < count || performance.now() - begunAt < leastMs; n += 1) {
    const request = requests[n % requests.length];
    if (!request) break;
    const startedAt = performance.now();
    const outcome = await outcomeOf(send(url, request, { address }));
    report.times.push(performance.now() - startedAt);
    add(report.statuses, outcome);
    // Spreads the requests over the attack, like a person's, instead of sending all of them at its start.
    await sleep(Math.max(0, leastMs / count - (performance.now() - startedAt)));
  }
  end.abort();
  await probing;
  return report;
}

async function probe(url: string, address: string, report: Report, signal: AbortSignal): Promise<void> {
  do {
    const startedAt = performance.now();
    const live = outcomeOf(send(url, { path: "/live" }, { address })).then((outcome) => {
      report.liveTimes.push(performance.now() - startedAt);
      return outcome;
    });
    add(report.ready, await outcomeOf(send(url, { path: "/ready" }, { address })));
    add(report.live, await live);
    report.probes += 1;
    await sleep(PROBE_EVERY_MS);
  } while (!signal.aborted);
}

const add = (counts: Record<string, number>, outcome: string) => void (counts[outcome] = (counts[outcome] ?? 0) + 1);
