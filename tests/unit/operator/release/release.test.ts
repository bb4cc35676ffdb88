import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import type { Outcome, Step } from "@gotong/ops/outcome.ts";
import { release, rollback } from "@gotong/ops/release/command.ts";
import { FakeAccount, type Trouble } from "./fake-account.ts";

const quiet: Step = { cursor: undefined, progress: () => undefined, isOver: () => false };
let restoreClock: () => void;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date"] });
  restoreClock = Clock.set(
    () => new Date(),
    (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  );
});
afterEach(() => {
  restoreClock();
  vi.useRealTimers();
});

type Result = { readonly outcome: Outcome } | { readonly error: Error };

/** Advances the virtual clock until the work is done. */
async function passing(work: Promise<Outcome>): Promise<Result> {
  const results: Result[] = [];
  void work.then(
    (outcome) => results.push({ outcome }),
    (error: unknown) => results.push({ error: error instanceof Error ? error : new Error(String(error)) }),
  );
  for (let turns = 0; results.length === 0 && turns < 20_000; turns += 1) await vi.advanceTimersByTimeAsync(5_000);
  const [result] = results;
  if (!result) throw new Error("the release does not end");
  return result;
}

const OPTIONS = { stage: "production", tested: true };
const run = (account: FakeAccount, troubles: Readonly<Record<string, Trouble>> = {}, options = {}) =>
  passing(release({ ...OPTIONS, ...options }, quiet, account.process(troubles)));

/** Expects all traffic on one version, which is healthy. */
function expectHealthy(account: FakeAccount, code?: string): void {
  const answering = account.answering();
  expect(answering.map(([build, share]) => [build?.isHealthy, share])).toEqual([[true, 1]]);
  if (code !== undefined) expect(answering[0]?.[0]?.code).toBe(code);
}

test("a release runs its steps in order, moves all traffic to the new version, and is recorded", async () => {
  const account = new FakeAccount(true);
  account.provisionedWanted = 5;
  account.provisioned = 5;
  const result = await run(account);
  expect(result).toMatchObject({ outcome: { data: { outcome: "released" } } });
  expectHealthy(account, "b");
  const order = ["git", "deployMigrate", "migrateFunction", "deploy", "beginShift", "setProvisioned", "keep", "record"];
  const first = order.map((name) => account.calls.indexOf(name));
  expect(first).toEqual(first.toSorted((a, b) => a - b));
  expect(first).not.toContain(-1);
  expect(account.calls.indexOf("removeProvisioned")).toBeLessThan(account.calls.indexOf("beginShift"));
  expect(account.provisioned).toBe(5);
  expect([...account.appliedSql]).toEqual(["0000_tables.sql"]);
  expect(account.releases).toMatchObject([{ outcome: "released", data: { former: "1", target: "2" } }]);
  expect(account.kept).toMatchObject([{ outcome: "released" }]);
});

test("a second release changes the deployed code, and the API gets a rotated secret", async () => {
  const account = new FakeAccount(true);
  await run(account);
  account.checkout = { code: "c", secret: "s1", isHealthy: true };
  expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
  expectHealthy(account, "c");
  account.checkout = { ...account.checkout, secret: "s2" };
  expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
  expect(account.answering()[0]?.[0]?.secret).toBe("s2");
  // Deploying the same code and secrets again shifts no traffic, since it publishes no version.
  const shifts = account.shifts.size;
  expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
  expect(account.shifts.size).toBe(shifts);
});

test("a release whose version fails its smoke test gets no traffic", async () => {
  const account = new FakeAccount(true);
  account.checkout = { code: "b", secret: "s1", isHealthy: false };
  const result = await run(account);
  expect(result).toMatchObject({ outcome: { isAlarming: true, data: { outcome: "rolled_back" } } });
  expect(JSON.stringify(result)).toContain("GET /live answered 500");
  expect(account.shifts.size).toBe(0);
  expectHealthy(account, "a");
});

test("an alarm during the canary moves the traffic back, and provisioned concurrency is set again", async () => {
  const account = new FakeAccount(true);
  account.alarmsDuringCanary = true;
  account.provisionedWanted = 5;
  account.provisioned = 5;
  const result = await run(account);
  expect(result).toMatchObject({ outcome: { isAlarming: true, data: { outcome: "rolled_back" } } });
  expect(JSON.stringify(result)).toContain("an alarm rang");
  expectHealthy(account, "a");
  expect(account.provisioned).toBe(5);
});

test("failed requests of the release itself stop the canary before any alarm fires", async () => {
  const account = new FakeAccount(true);
  const world = account.process();
  const ask = world.traffic.ask;
  // The version is healthy in the smoke test, and fails under load.
  const breaking = {
    ...world,
    traffic: {
      ...world.traffic,
      ask: async (...given: Parameters<typeof ask>) => {
        if ([...account.shifts.values()].some(({ status }) => status === "running"))
          account.versions.set("2", { ...account.checkout, isHealthy: false });
        return ask(...given);
      },
    },
  };
  const result = await passing(release(OPTIONS, quiet, breaking));
  expect(JSON.stringify(result)).toMatch(/\d+ of \d+ requests to the canary failed/);
  expectHealthy(account, "a");
});

test("a canary that never finishes is stopped, and the traffic moves back", async () => {
  const account = new FakeAccount(true);
  account.canaryHangs = true;
  const result = await run(account);
  expect(JSON.stringify(result)).toContain("did not end in 25 minutes");
  expectHealthy(account, "a");
});

const CALLS = [
  "list 1",
  "git",
  "secrets",
  "tests",
  "applied",
  "aliasOf 1",
  "ringingAlarms",
  "begin",
  "save 1",
  "deployMigrate",
  "migrateFunction",
  "save 2",
  "deploy",
  "outputs",
  "save 3",
  "ask 1",
  "save 4",
  "removeProvisioned",
  "runningShifts",
  "beginShift",
  "save 5",
  "shiftOf 1",
  "shiftOf 20",
  "ask 300",
  "save 6",
  "setProvisioned",
  "keep",
  "record",
] as const;

test("the list of calls in this test contains every call of a release", async () => {
  const account = new FakeAccount(true);
  account.provisionedWanted = 5;
  await run(account, {}, { tested: false });
  const named: string[] = CALLS.map((call) => call.split(" ")[0] ?? "");
  expect([...new Set(account.calls)].filter((name) => !named.includes(name))).toEqual([]);
});

test.each(CALLS.flatMap((name) => (["fail", "die", "hang"] as const).map((trouble) => [name, trouble] as const)))(
  "with call %s of a release made to %s, traffic is on a healthy version, and the next run finishes",
  async (name, trouble) => {
    const account = new FakeAccount(true);
    account.provisionedWanted = 5;
    const troubled = await run(account, { [name]: trouble }, { tested: false });
    // If the process died, CodeDeploy continues the shift by itself and finishes on one version.
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expectHealthy(account);
    if (trouble === "die") expect(troubled).toMatchObject({ error: { name: "Died" } });
    const again = await run(account);
    const last = account.releases[0];
    const isEnded = "outcome" in again && last?.outcome !== null;
    expect(isEnded).toBe(true);
    expectHealthy(account);
    // If the failed release was rolled back, the next run releases.
    if (last?.outcome !== "released")
      expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
    expectHealthy(account, "b");
    expect(account.provisioned).toBe(5);
    expect(account.releases.filter(({ outcome }) => outcome === null)).toEqual([]);
  },
);

/** Calls that run a program. They are never throttled, since only AWS throttles calls. */
const isProgram = (name: string) =>
  ["git", "secrets", "tests", "deployMigrate", "deploy"].includes(name.split(" ")[0] ?? "");

test.each(CALLS.filter((name) => !isProgram(name)))(
  "if call %s is throttled for a while, the release waits and continues",
  async (name) => {
    const account = new FakeAccount(true);
    const troubles: Record<string, Trouble> = { [name.includes(" ") ? name : `${name} 1`]: "throttle" };
    expect(await run(account, troubles, { tested: false })).toMatchObject({
      outcome: { data: { outcome: "released" } },
    });
    expectHealthy(account);
  },
);

test.each(["fail", "die", "hang"] as const)(
  "with the comparison to the last release made to %s, traffic stays on the last release, and the next run releases",
  async (trouble) => {
    const account = new FakeAccount(true);
    await run(account);
    account.checkout = { code: "c", secret: "s1", isHealthy: true };
    await run(account, { diff: trouble });
    expectHealthy(account, "b");
    expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
    expectHealthy(account, "c");
  },
);

test.each(["check", "migrate", "deploy", "smoke", "canary", "settle"])(
  "running the step %s of a release twice changes nothing the second time",
  async (step) => {
    const account = new FakeAccount(true);
    await run(account);
    const [info] = account.releases;
    if (!info) throw new Error("there is no record");
    const alias = structuredClone(account.alias);
    // Simulates that the record of the release's end was lost.
    Object.assign(info, { outcome: null, finished_at: null, step });
    expect(await run(account)).toMatchObject({ outcome: { data: { outcome: "released" } } });
    expect(account.alias).toEqual(alias);
    expect(account.shifts.size).toBe(1);
    expect(account.versions.size).toBe(2);
  },
);

test("if the rollback itself fails, dies or hangs, the next run finishes it", async () => {
  for (const trouble of ["fail", "die", "hang"] as const)
    for (const name of ["stopShift", "aliasOf 3", "setAlias", "setProvisioned"] as const) {
      const account = new FakeAccount(true);
      account.canaryHangs = true;
      account.provisionedWanted = 2;
      await run(account, { [name]: trouble });
      expect(await run(account), `${name} ${trouble}`).toMatchObject({ outcome: { data: { outcome: "rolled_back" } } });
      expectHealthy(account, "a");
    }
});

test("a release whose preliminary check fails changes nothing", async () => {
  const cases: readonly (readonly [(account: FakeAccount) => void, string])[] = [
    [(account) => void (account.isDirty = true), "not committed"],
    [(account) => void account.alarms.add("ApiSlow"), "the alarm ApiSlow rings"],
    [
      (account) => {
        account.appliedSql.add("0000_tables.sql");
        account.sqlOfCheckout.set("0001_x.sql", "alter table a drop column id;");
      },
      "0001_x.sql is destructive",
    ],
  ];
  for (const [arrange, message] of cases) {
    const account = new FakeAccount(true);
    arrange(account);
    expect(JSON.stringify(await run(account))).toContain(message);
    expect(account.calls).not.toContain("deployMigrate");
    expectHealthy(account, "a");
  }
});

test("a database that would be replaced stops a release, unless --accept-loss is set", async () => {
  const account = new FakeAccount(true);
  await run(account);
  account.checkout = { code: "c", secret: "s1", isHealthy: true };
  account.losses = true;
  expect(JSON.stringify(await run(account))).toContain("would be replaced or deleted since");
  expectHealthy(account, "b");
  expect(await run(account, {}, { acceptLoss: true })).toMatchObject({ outcome: { data: { outcome: "released" } } });
});

test("a release with --dry-run runs the checks and changes nothing", async () => {
  const account = new FakeAccount(true);
  const before = JSON.stringify([account.alias, account.releases, account.versions.size]);
  const result = await run(account, {}, { dryRun: true });
  expect(JSON.stringify(result)).toContain("nothing was done");
  expect(JSON.stringify([account.alias, account.releases, account.versions.size])).toBe(before);
  expect(account.calls).not.toContain("begin");
});

test("rollback moves all traffic to the version before the last release, also during a release", async () => {
  const account = new FakeAccount(true);
  await run(account);
  account.checkout = { code: "c", secret: "s1", isHealthy: true };
  await run(account);
  expectHealthy(account, "c");
  const back = await passing(rollback({ stage: "production" }, quiet, account.process()));
  expect(back).toMatchObject({ outcome: { data: { outcome: "rolled_back" } } });
  expectHealthy(account, "b");
  account.checkout = { code: "d", secret: "s1", isHealthy: true };
  await run(account, { "shiftOf 3": "die" });
  expect(account.answering()).toHaveLength(2);
  await passing(rollback({ stage: "production" }, quiet, account.process()));
  expectHealthy(account, "b");
});

test("rollback --to moves the traffic even if the database does not respond", async () => {
  const account = new FakeAccount(true);
  await run(account);
  const back = await passing(rollback({ stage: "production", to: "1" }, quiet, account.process({ list: "fail" })));
  expect(JSON.stringify(back)).toContain("without a record");
  expectHealthy(account, "a");
});

test("a tenant is released without a canary, and its rollback deploys the former commit", async () => {
  const account = new FakeAccount(false);
  expect(await run(account, {}, { stage: "tenant-bandung" })).toMatchObject({
    outcome: { data: { outcome: "released" } },
  });
  expectHealthy(account, "b");
  expect(account.calls).not.toContain("beginShift");
  account.checkout = { code: "c", secret: "s1", isHealthy: false };
  const world = account.process();
  const { run: shell } = world.shell;
  const programs: string[] = [];
  const checking = {
    ...world,
    shell: {
      run: async (...given: Parameters<typeof shell>) => {
        const line = given[0].join(" ");
        programs.push(line);
        if (given[2]?.folder !== undefined && line.startsWith("npx sst deploy"))
          account.checkout = { code: "b", secret: "s1", isHealthy: true };
        return shell(...given);
      },
    },
  };
  const result = await passing(release({ stage: "tenant-bandung", tested: true }, quiet, checking));
  expect(result).toMatchObject({ outcome: { isAlarming: true, data: { outcome: "rolled_back" } } });
  expect(programs.some((line) => line.startsWith("git worktree add"))).toBe(true);
  expectHealthy(account, "b");
});
