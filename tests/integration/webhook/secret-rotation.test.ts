import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import { Config } from "@gotong/core/platform/config.ts";
import { Breaker } from "@gotong/core/webhook/index.ts";
import { type Markov, startMarkov } from "@gotong/local/markov/server.ts";
import { type Person, usePlatform } from "../../harness/platform.ts";
import { contributionOf, until } from "../../harness/scenes.ts";

const platform = usePlatform({ workers: true });
const [OLD, NEW] = [randomBytes(32).toString("hex"), randomBytes(32).toString("hex")];
/** Number of deliveries in each step of the rotation. */
const DELIVERIES = 12;
const AHEAD_MS = 100_000;

/** The secrets that Markov accepts, which its operators change. */
const known = [OLD];
let markov: Markov;
let people: Person[] = [];
beforeAll(async () => {
  markov = await startMarkov({ port: 0, secrets: known, token: "unused" });
  people = [await platform.person(), await platform.person()];
});
afterAll(() => markov.stop());
afterEach(() => Breaker.reset());

const knows = (...secrets: string[]) => void known.splice(0, known.length, ...secrets);

function signsWith(variables: Record<string, string>): void {
  Config.use({ ...platform.variables, MARKOV_API_URL: markov.url, ...variables });
}

/** Lets members submit contributions until `stop()`, which returns the number of contributions. */
function load(): { stop(): Promise<number> } {
  const stopping = new AbortController();
  const acting = people.map(async (person) => {
    let acts = 0;
    for (; !stopping.signal.aborted; acts += 1) await contributionOf(person);
    return acts;
  });
  return {
    stop: async () => {
      stopping.abort();
      return (await Promise.all(acting)).reduce((sum, acts) => sum + acts, 0);
    },
  };
}

/** Waits until {@link DELIVERIES} more deliveries have arrived. Deliveries that were under way at the call count too. */
async function delivered(): Promise<void> {
  const from = markov.ledger.events.length;
  await until(
    () => markov.ledger.events.length,
    (count) => count >= from + DELIVERIES,
  );
}

const rejected = () => [...markov.tally].filter(([what]) => what !== "accepted");

test("a webhook secret rotation under load causes no rejection if Markov accepts both secrets until the activation time", async () => {
  signsWith({ GOTONG_ROYONG_WEBHOOK_SECRET: OLD });
  const acting = load();
  await delivered();
  knows(OLD, NEW);
  await delivered();
  signsWith({
    GOTONG_ROYONG_WEBHOOK_SECRET: NEW,
    GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: OLD,
    GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: new Date(Date.now() + AHEAD_MS).toISOString(),
  });
  await delivered();
  // Moves the platform's clock past the activation time. The clock of Markov's double stays, since it tolerates a
  // difference of five minutes.
  const restoreClock = Clock.set(() => new Date(Date.now() + AHEAD_MS + 1_000));
  await delivered();
  knows(NEW);
  await delivered();
  signsWith({ GOTONG_ROYONG_WEBHOOK_SECRET: NEW });
  await delivered();
  const acts = await acting.stop();
  const arrived = await until(
    () => markov.ledger.events.length,
    (count) => count >= acts,
  );
  restoreClock();
  expect(arrived).toBe(acts);
  expect(acts).toBeGreaterThanOrEqual(6 * DELIVERIES);
  expect(rejected()).toEqual([]);
});

test("until the activation time the previous secret signs X-GR-Signature, so a receiver without that secret rejects deliveries", async () => {
  knows(NEW);
  signsWith({
    GOTONG_ROYONG_WEBHOOK_SECRET: NEW,
    GOTONG_ROYONG_WEBHOOK_SECRET_PREVIOUS: OLD,
    GOTONG_ROYONG_WEBHOOK_SECRET_ACTIVE_FROM: new Date(Date.now() + AHEAD_MS).toISOString(),
  });
  const before = markov.ledger.events.length;
  const id = await contributionOf(people[0] ?? (await platform.person()));
  expect(await until(rejected, (reasons) => reasons.length > 0)).toEqual([["bad_x_gr_signature", 1]]);
  expect(markov.ledger.events).toHaveLength(before);
  const [event] = await platform.sql`select status from webhook_events where subject = ${`contribution:${id}`}`;
  expect(event).toEqual({ status: "pending" }); // a 401 does not lose the event: it is retried after a minute
});
