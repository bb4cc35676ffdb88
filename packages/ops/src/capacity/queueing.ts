/**
 * Returns the probability that a request waits, in a queue M/M/c with `servers` and a load in Erlang (Erlang C). It
 * is 1 if the load reaches the number of servers.
 */
export function waitingProbability(servers: number, load: number): number {
  if (load <= 0) return 0;
  if (load >= servers) return 1;
  // Computes Erlang B by its recursion, which does not overflow.
  let blocked = 1;
  for (let n = 1; n <= servers; n += 1) blocked = (load * blocked) / (n + load * blocked);
  const utilisation = load / servers;
  return blocked / (1 - utilisation + utilisation * blocked);
}

/**
 * Returns a percentile of the response time, in milliseconds: the sum of service and waiting. The service time is
 * modelled as exponential, since its tail is long; the waiting time as exponential with the rate at which servers
 * become free (M/M/c).
 * @param share the percentile, 0–1
 * @param serviceMs mean service time
 * @param variation squared coefficient of variation of the service time, by which waiting is scaled (Allen–Cunneen)
 * @returns Infinity if the load reaches the number of servers
 */
export function percentileMs(
  share: number,
  { servers, load, serviceMs, variation = 1 }: { servers: number; load: number; serviceMs: number; variation?: number },
): number {
  if (load >= servers) return Number.POSITIVE_INFINITY;
  const waits = waitingProbability(servers, load);
  const waitRate = (servers - load) / (serviceMs * ((1 + variation) / 2));
  const waitMs = waits <= 1 - share ? 0 : Math.log(waits / (1 - share)) / waitRate;
  const serviceTailMs = -Math.log(1 - share) * serviceMs;
  return serviceTailMs + waitMs;
}
