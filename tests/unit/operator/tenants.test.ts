import { readFileSync, statSync } from "node:fs";
import { expect, test } from "vitest";
import { Clock } from "@gotong/core/platform/clock.ts";
import type { Step } from "@gotong/ops/outcome.ts";
import { type World, create, remove } from "@gotong/ops/tenant.ts";

const GOOD = {
  stage: "tenant-bandung",
  needs: { concurrency: 22, elasticIps: 0, vpcs: 1 },
  limits: { concurrency: 1000, elasticIps: 5, vpcs: 5 },
  used: { concurrency: 0, elasticIps: 0, vpcs: 1 },
  problems: [] as string[],
};

/** Fakes an account behind SST: records the programs and commands that were run, and applies their effects. */
class FakeWorld implements World {
  readonly programs: string[] = [];
  readonly commands: string[] = [];
  report = GOOD;
  secrets = "# gotong-royong/tenant-bandung\nMarkovToken=token\n";
  /** The results of `outbox status`, in order; the last one is repeated. */
  statuses = [{ pending: 0, dead: 0, examining: 0 }];
  /** The program that fails, as the test requires. */
  failing = "";
  loaded: { text: string; mode: number } | undefined;

  readonly shell: World["shell"] = {
    run: async (program, variables = {}) => {
      const [command, ...args] = program;
      const line = [...Object.entries(variables).map(([name, value]) => `${name}=${value}`), command, ...args].join(
        " ",
      );
      if (line.includes("infra/quotas/doctor.ts")) return { code: 0, out: JSON.stringify(this.report), err: "" };
      if (line.includes("secret list")) return { code: 0, out: this.secrets, err: "" };
      const file = args[args.indexOf("load") + 1];
      if (args.includes("load") && file !== undefined) {
        this.loaded = { text: readFileSync(file, "utf8"), mode: statSync(file).mode & 0o777 };
        this.programs.push("npx sst secret load");
      } else this.programs.push(line);
      return { code: this.failing !== "" && line.includes(this.failing) ? 3 : 0, out: "", err: "" };
    },
  };

  /** The reserved concurrency of the API over time; 0 means that the API is stopped. */
  readonly reservations: (number | undefined)[] = [40];
  readonly concurrency: World["concurrency"] = {
    reserved: async () => this.reservations.at(-1),
    reserve: async (name, most) => {
      expect(name).toBe("gotong-royong-tenant-bandung-api");
      this.reservations.push(most);
      this.commands.push(most === 0 ? "stop" : "start");
    },
  };

  readonly functions: World["functions"] = {
    invoke: async (name, payload) => {
      if (name.endsWith("-migrate")) {
        this.commands.push("migrate");
        return { applied: ["0000_tables.sql"] };
      }
      const words = String(Reflect.get(Object(payload), "words")).replaceAll(",", " ");
      this.commands.push(words);
      const data =
        words === "outbox status" ? (this.statuses.length > 1 ? this.statuses.shift() : this.statuses[0]) : {};
      return { status: "done", progress: [], text: "token: 123\n", data };
    },
  };
}

const quiet: Step = { cursor: undefined, progress: () => undefined, isOver: () => false };

test("tenant create, in this order: checks quotas, sets missing secrets, deploys with the policy, migrates, invites the admin", async () => {
  const world = new FakeWorld();
  const { text } = await create("bandung", { admin: "sari@example.org" }, quiet, world);
  expect(world.programs).toEqual([
    "npx sst secret load",
    "npx sst deploy --stage tenant-bandung --policy infra/policy",
  ]);
  expect(world.commands).toEqual(["migrate", "users invite sari@example.org"]);
  expect(world.loaded?.text).toMatch(/^JwtKey=[0-9a-f]{64}\nWebhookSecret=[0-9a-f]{64}\n$/);
  expect(world.loaded?.mode).toBe(0o600);
  expect(text).toContain("token: 123");
});

test("tenant create run twice keeps the secrets: a new key would sign out every member and invalidate every second factor", async () => {
  const world = new FakeWorld();
  world.secrets = "MarkovToken=t\nJwtKey=k\nWebhookSecret=s\n";
  await create("tenant-bandung", {}, quiet, world);
  expect(world.loaded).toBeUndefined();
});

test("tenant create changes nothing with too small quotas, without Markov's token, or with an invalid label", async () => {
  const small = new FakeWorld();
  small.report = { ...GOOD, problems: ['"Concurrent executions" is 10'] };
  await expect(create("bandung", {}, quiet, small)).rejects.toThrow("the account is too small for tenant-bandung");
  const tokenless = new FakeWorld();
  tokenless.secrets = "";
  await expect(create("bandung", {}, quiet, tokenless)).rejects.toThrow("npx sst secret set MarkovToken");
  const wrong = new FakeWorld();
  await expect(create("Bandung!", {}, quiet, wrong)).rejects.toThrow("is no label of a tenant");
  for (const world of [small, tokenless, wrong]) expect([world.programs, world.commands]).toEqual([[], []]);
});

test("tenant create and remove with --dry-run print what they would do, and change nothing", async () => {
  const world = new FakeWorld();
  const made = await create("bandung", { dryRun: true }, quiet, world);
  expect(made.text).toContain("npx sst deploy --stage tenant-bandung --policy infra/policy");
  const removed = await remove("bandung", { dryRun: true }, quiet, world);
  expect(removed.text).toContain("GOTONG_UNPROTECT=tenant-bandung npx sst remove --stage tenant-bandung");
  expect(removed.text).toContain("gotong-royong-tenant-bandung-database stays");
  for (const { text } of [made, removed]) expect(text).toMatch(/nothing was done\n$/);
  expect(world.programs).toEqual([]);
  expect(world.commands).toEqual(["outbox status"]);
});

/** Runs `work` with a clock on which each sleep takes a minute. */
async function hurried<T>(work: () => Promise<T>): Promise<T> {
  let minutes = 0;
  const restore = Clock.set(
    () => new Date(minutes * 60_000),
    async () => {
      minutes += 1;
    },
  );
  try {
    return await work();
  } finally {
    restore();
  }
}

test("tenant remove stops traffic, empties queues, exports, and then removes the protection; it reports the remaining data", async () => {
  const world = new FakeWorld();
  world.statuses = [
    { pending: 2, dead: 1, examining: 0 },
    { pending: 0, dead: 1, examining: 1 },
    { pending: 0, dead: 1, examining: 0 },
  ];
  const { text } = await hurried(() => remove("bandung", {}, quiet, world));
  expect(world.commands).toEqual(["outbox status", "stop", "outbox status", "outbox status", "export"]);
  expect(world.programs).toEqual([
    "GOTONG_UNPROTECT=tenant-bandung npx sst deploy --stage tenant-bandung",
    "GOTONG_UNPROTECT=tenant-bandung npx sst remove --stage tenant-bandung",
  ]);
  expect(world.reservations.at(-1)).toBe(0);
  expect(text).toContain("the outbox and 1 dead letters are in it");
  expect(text).toContain("30 days");
});

test("tenant remove waits for requests that began before the traffic stopped, even if no event is pending yet", async () => {
  const world = new FakeWorld();
  await hurried(() => remove("bandung", {}, quiet, world));
  expect(world.commands.filter((command) => command === "outbox status").length).toBeGreaterThanOrEqual(3);
});

test("tenant remove keeps a tenant with pending events, and a tenant whose deployment fails", async () => {
  const waiting = new FakeWorld();
  waiting.statuses = [{ pending: 7, dead: 0, examining: 0 }];
  await expect(remove("bandung", { wait: "0" }, quiet, waiting)).rejects.toThrow("7 events and 0 files still wait");
  expect([waiting.programs, waiting.reservations]).toEqual([[], [40, 0, 40]]);
  const failing = new FakeWorld();
  failing.failing = "sst deploy";
  await expect(hurried(() => remove("bandung", {}, quiet, failing))).rejects.toThrow(
    "ended with 3: repeat the command",
  );
  expect([failing.programs.length, failing.reservations]).toEqual([1, [40, 0, 40]]);
  // A new run starts the functions again that a killed run has stopped.
  const killed = new FakeWorld();
  killed.reservations.push(0);
  killed.statuses = [{ pending: 7, dead: 0, examining: 0 }];
  await expect(remove("bandung", { wait: "0" }, quiet, killed)).rejects.toThrow("still wait");
  expect(killed.reservations.at(-1)).toBeUndefined();
});
