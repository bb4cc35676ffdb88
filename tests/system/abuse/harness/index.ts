// The harness of the abuse tests: an attacker works for a bounded time while the response times of a normal member are measured.
//
//   import { expect, test } from "vitest";
//   import { FLOOR_MS, duel, flood, useApi } from "./harness/index.ts";
//
//   const api = useApi({ DATABASE_POOL_SIZE: "10" }); // the REAL API in a process of its own, with the real default limits
//
//   test("wrong logins from two addresses slow no member", async () => {
//     const member = await api.platform.person();
//     const attack = flood({ addresses: 2, total: 180, inFlight: 90, request: (n) => wrongLogin(n) });
//     const result = await duel(api, { attack, member: [{ path: "/v1/me", token: member.token }] });
//     expect(result.ratio).toBeLessThan(3);           // p95 during the attack against p95 alone
//     expect(result.ready).toEqual({ 200: result.probes }); // each response of /ready was 200; result.live has the same form
//     expect(result.attacked.statuses).toEqual({ 200: result.attacked.requests });
//     expect(result.attacker["503"] ?? 0).toBeGreaterThan(0); // results of the attacker by status
//   });
//
// - `api.platform` is the platform of tests/harness: the same database, S3, SQS and Markov's double, with `person()`, `sql`,
//   and `markov`. Its own work runs in this process and does not slow the API under test.
// - `useApi(variables)` overrides settings of the API under test. Limits are the documented defaults unless you change them.
// - A duel has rounds: alone, attacked, alone, attacked … so that the noise of the host affects both. The first round only
//   warms up. Between rounds it waits until the API answers quickly again.
// - The member's requests are data ({method, path, token, body, headers}), sent one after the other by a process of its own, each
//   on a new connection, from a new address each round: neither the limit per address nor the work of this process is measured.
// - An attack is `(context) => Promise<void>` and must end when `context.signal` aborts (`flood` and `waves` do). It gets `url`, `send`
//   (one request from any loopback address, counted by status), `connect` (a bare socket from any address, closed at the end of
//   the round) and `addresses(n)` (127.x.y.z, unused so far).
// - Times below FLOOR_MS count as FLOOR_MS: ratios of shorter times only measure the noise of the host.
// - Assert ratios and counts of one run, never milliseconds.
export { ApiProcess, useApi } from "./api-process.ts";
export { type Attack, type AttackContext, flood, waves } from "./attack.ts";
export { type Duel, FLOOR_MS, TRIES, duel, quantile, ratioOf } from "./duel.ts";
export { type HttpRequest, type HttpAnswer, send } from "./send.ts";
