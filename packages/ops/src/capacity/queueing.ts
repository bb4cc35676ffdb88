/**
 * The probability that a request waits, of M/M/c with `servers` and a load in Erlang (Erlang C). 1 when the load is not below the
 * servers.
 */
export function waitingProbability(servers: number, load: number): number {
  if (load <= 0) return 0;
  if (load >= servers) return 1;
  // Erlang B by its recursion, which does not overflow.
  let blocked = 1;
  for (let n = 1; n <= servers; n += 1) blocked = (load * blocked) / (n + load * blocked);
  const utilisation = load / servers;
  return blocked / (1 - utilisation + utilisation * blocked);
}

/**
 * The time that a share of all requests stays below, in milliseconds: service and waiting. The service is taken as exponential, as
 * its long tail is; waiting as exponential with the rate at which servers become free (M/M/c).
 * @param serviceMs mean time of service
 * @param variation squared coefficient of variation of the service, by which waiting is scaled (Allen–Cunneen)
 * @returns Infinity when the load is not below the servers
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
