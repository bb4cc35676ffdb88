import type { Weather, World } from "./world.ts";

const BURST_MINUTES = 2;

/** Checks the platform's guarantees at the end of a run. @returns a sentence for each broken guarantee */
export async function broken(world: World, weather: Weather, idleStatements: number): Promise<string[]> {
  const rows = await world.rows("select id, subject, sequence, status from webhook_events");
  const committed = new Map(rows.map((row) => [String(row["id"]), row]));
  const { arrivals, attempts } = world.network;
  const arrived = new Set(arrivals.map(({ eventId }) => eventId));
  const found: string[] = [];
  const complain = (promise: string, ids: readonly string[]) => {
    if (ids.length > 0) found.push(`${promise}: ${ids.slice(0, 5).join(", ")}${ids.length > 5 ? " …" : ""}`);
  };
  complain(
    "an act was answered with success and its event is not in the outbox",
    world.acknowledged.filter((id) => !committed.has(id)),
  );
  const subjects = new Set(rows.map((row) => row["subject"]));
  complain(
    "a contribution was answered with success and has no event",
    world.contributed.filter((subject) => !subjects.has(subject)),
  );
  complain(
    "committed and never delivered",
    [...committed.keys()].filter((id) => !arrived.has(id)),
  );
  complain(
    "delivered and never committed",
    [...arrived].filter((id) => !committed.has(id)),
  );
  complain(
    "dead-lettered because of an outage",
    [...committed].filter(([, row]) => row["status"] === "dead").map(([id]) => id),
  );
  complain(
    "delivered and not recorded as delivered",
    [...committed].filter(([id, row]) => arrived.has(id) && row["status"] === "pending").map(([id]) => id),
  );
  complain("first deliveries out of order", outOfOrder(arrivals));
  complain("above the rate limit", aboveLimit(attempts, weather.limitPerMinute));
  if (idleStatements > 0) found.push(`${idleStatements} statements in an idle hour keep the database running`);
  return found;
}

function outOfOrder(arrivals: World["network"]["arrivals"]): string[] {
  const seen = new Set<string>();
  const last = new Map<string, number>();
  return arrivals.flatMap(({ eventId, subject, sequence }) => {
    if (seen.has(eventId)) return [];
    seen.add(eventId);
    const before = last.get(subject) ?? 0;
    last.set(subject, sequence);
    return sequence === before + 1 ? [] : [`${subject} ${before} then ${sequence}`];
  });
}

/**
 * Finds periods with more attempts than the burst and the rate of the limiter allow. Probes of the circuit breaker are
 * allowed in addition: up to six at a time.
 */
function aboveLimit(attempts: readonly number[], perMinute: number): string[] {
  const burst = BURST_MINUTES * perMinute;
  let level = 0;
  let last = 0;
  return attempts.flatMap((at) => {
    level = Math.max(0, level - ((at - last) * perMinute) / 60_000) + 1;
    last = at;
    return level > burst + 5 ? [`at ${at} ms`] : [];
  });
}
